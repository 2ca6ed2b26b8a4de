package native

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"

	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/value"
)

// addCSVRow adds a row to a table that many instances share. io.CSVFile behind
// a JoinNode does the same without sharing a file.
//
// Differs from nipype: a row that is there already is not added again, so that a resumed run does not double it; new columns are sorted by name; the text of older rows stays as it is; a table whose first column has a name keeps it (nipype takes the column for row numbers and drops it).
var addCSVRow = &Impl{
	Help: "Add a row to a table that many instances share: any input is a column, a list is several.",
	Params: []Param{
		{Name: "infields", Type: names},
		{Name: "force_run", Type: boolType, Default: value.Bool(true)},
	},
	Ports: func(params value.Record) ([]iface.Input, []iface.Output, error) {
		ins := []iface.Input{place(need("in_file", fileType, "the table; made if it is not there"))}
		for _, f := range strs(params.Get("infields")) {
			ins = append(ins, in(f, anyType, ""))
		}
		return ins, []iface.Output{out("csv_file", fileType, "the table")}, nil
	},
	AlwaysRun:     true,
	DynamicInputs: true,
	Run: func(_ context.Context, c *Call) (value.Record, error) {
		path, err := filepath.Abs(c.Inputs.Str("in_file"))
		if err != nil {
			return nil, err
		}
		rowLock.Lock()
		defer rowLock.Unlock()
		var rows [][]string
		content, err := os.ReadFile(path)
		if err == nil {
			rows, err = readCSV(content, ",")
		}
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, fmt.Errorf("read %s: %w", path, err)
		}
		rows, added := appendRow(rows, rowCells(c.Inputs))
		if added {
			err = writeFile(path, csvText(rows, ','))
		} else {
			err = nil
		}
		return output("csv_file", value.String(path)), err
	},
}

// rowLock keeps two instances from reading one table before either has written.
var rowLock sync.Mutex

// A cell is one value of a row.
type cell struct{ column, text string }

func rowCells(inputs value.Record) []cell {
	var out []cell
	for _, f := range inputs {
		if f.Name == "in_file" {
			continue
		}
		items, isList := value.Items(f.Value)
		if !isList {
			out = append(out, cell{f.Name, cellText(f.Value, "")})
		}
		for i, v := range items {
			out = append(out, cell{fmt.Sprintf("%s_%d", f.Name, i), cellText(v, "")})
		}
	}
	return out
}

// cellText prints a value into a cell.
func cellText(v value.Value, missing string) string {
	switch v.(type) {
	case nil, value.None:
		return missing
	}
	return value.Text(v)
}

// appendRow adds a row, and columns where they are missing, unless the row is
// there. The first column holds row numbers if its name is empty, as pandas
// writes it.
func appendRow(rows [][]string, cells []cell) (_ [][]string, added bool) {
	if len(rows) == 0 {
		rows = [][]string{{""}}
	}
	for _, c := range cells {
		if !slices.Contains(rows[0], c.column) {
			rows[0] = append(rows[0], c.column)
		}
	}
	row := make([]string, len(rows[0]))
	for _, c := range cells {
		row[slices.Index(rows[0], c.column)] = c.text
	}
	numbered := 0
	if rows[0][0] == "" {
		numbered = 1
		row[0] = strconv.Itoa(len(rows) - 1)
	}
	for i, r := range rows[1:] {
		for len(r) < len(row) {
			r = append(r, "")
		}
		rows[i+1] = r
		if slices.Equal(r[numbered:], row[numbered:]) {
			return rows, false
		}
	}
	return append(rows, row), true
}
