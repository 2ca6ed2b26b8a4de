package native

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/value"
)

// csvReader reads a table: one output, a list of texts, for each column.
//
// Differs from nipype: cells in quotes may hold separators and ends of lines; a row with more or fewer cells than the first, and two columns of one name, are errors; empty lines are passed over.
var csvReader = &Impl{
	Help: "Read a table of text: one list for each column, named by the header or column_0, column_1, ...",
	Ports: ports([]iface.Input{
		need("in_file", inFile, "the table"),
		opt("header", boolType, value.Bool(false), "the first line names the columns"),
		opt("delimiter", strType, value.String(","), "what separates cells"),
	}),
	Check: func(_, inputs value.Record) error {
		_, err := separator(text(inputs, "delimiter", ","))
		return err
	},
	DynamicOutputs: true,
	Run: func(_ context.Context, c *Call) (value.Record, error) {
		path := c.Inputs.Str("in_file")
		content, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		rows, err := readCSV(content, text(c.Inputs, "delimiter", ","))
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", path, err)
		}
		if len(rows) == 0 {
			return nil, fmt.Errorf("read %s: it is empty", path)
		}
		columns := make([]string, len(rows[0]))
		for i := range columns {
			columns[i] = fmt.Sprintf("column_%d", i)
		}
		if c.Inputs.Bool("header") {
			columns, rows = rows[0], rows[1:]
		}
		m := map[string]value.Value{}
		for i, name := range columns {
			if m[name] != nil {
				return nil, fmt.Errorf("read %s: two columns are called %q", path, name)
			}
			list := make(value.List, len(rows))
			for j, row := range rows {
				list[j] = value.String(row[i])
			}
			m[name] = list
		}
		return value.NewRecord(m), nil
	},
}

func separator(s string) (rune, error) {
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 || n != len(s) || r == '"' || r == '\n' || r == '\r' || r == utf8.RuneError {
		return 0, fmt.Errorf("delimiter %q; want one character", s)
	}
	return r, nil
}

// readCSV reads rows of one length; cells lose the blanks around them.
func readCSV(content []byte, delimiter string) ([][]string, error) {
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(content, []byte("\ufeff"))))
	r.LazyQuotes = true
	r.TrimLeadingSpace = delimiter != "\t" && delimiter != " "
	var err error
	if r.Comma, err = separator(delimiter); err != nil {
		return nil, err
	}
	var rows [][]string
	for {
		row, err := r.Read()
		switch {
		case errors.Is(err, io.EOF):
			return rows, nil
		case errors.Is(err, csv.ErrFieldCount):
			line, _ := r.FieldPos(0)
			return nil, fmt.Errorf("line %d has %d cells, the first line %d", line, len(row), r.FieldsPerRecord)
		case err != nil:
			return nil, err
		}
		for i := range row {
			row[i] = strings.TrimSpace(row[i])
		}
		rows = append(rows, row)
	}
}
