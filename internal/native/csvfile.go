package native

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/value"
)

// csvFile writes a table: columns that are lists, or rows. It is Raphe's own,
// for the table of a group behind a JoinNode. A column with one value has it in
// every row; lists within lists, as a join of joins gives them, are taken one
// behind the other. Missing values are n/a in a .tsv file, as in BIDS, and
// empty otherwise.
var csvFile = &Impl{
	Help:   "Write a table (CSV, or TSV by its name) from columns or rows, for instance behind a JoinNode.",
	Params: []Param{{Name: "columns", Type: names}},
	Ports: func(params value.Record) ([]iface.Input, []iface.Output, error) {
		ins := []iface.Input{
			in("rows", listOf(either(dictType, listOf(anyType))), "rows: dictionaries, column to value, or lists"),
			in("header", names, "names of the columns, for rows that are lists"),
			in("data", dictType, "columns: name to list"),
			place(opt("out_file", strType, value.String("table.csv"), "the table; a relative path lies in the working directory")),
			in("delimiter", strType, "what separates cells; by default a tab for .tsv, a comma otherwise"),
		}
		columns := strs(params.Get("columns"))
		for i, f := range columns {
			if slices.ContainsFunc(ins, func(i iface.Input) bool { return i.Name == f }) || slices.Contains(columns[:i], f) {
				return nil, nil, fmt.Errorf("a column can't be called %q: the name is taken; give it through data", f)
			}
		}
		for _, f := range columns {
			ins = append(ins, need(f, anyType, "values of the column "+f))
		}
		return ins, []iface.Output{out("out_file", fileType, "the table")}, nil
	},
	Check: func(_, inputs value.Record) error {
		_, err := separator(text(inputs, "delimiter", ","))
		return err
	},
	Run: func(_ context.Context, c *Call) (value.Record, error) {
		name := text(c.Inputs, "out_file", "table.csv")
		standard, missing := ",", ""
		if strings.EqualFold(filepath.Ext(name), ".tsv") {
			standard, missing = "\t", "n/a"
		}
		comma, err := separator(text(c.Inputs, "delimiter", standard))
		if err != nil {
			return nil, err
		}
		rows, err := tableOf(c, missing)
		if err != nil {
			return nil, err
		}
		path, err := c.outPath(name)
		if err != nil {
			return nil, err
		}
		return output("out_file", value.String(path)), writeFile(path, csvText(rows, comma))
	},
}

// csvText gives the table as text.
func csvText(rows [][]string, comma rune) []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.Comma = comma
	_ = w.WriteAll(rows) // a buffer takes everything
	return b.Bytes()
}

// tableOf gives the header and the rows.
func tableOf(c *Call, missing string) ([][]string, error) {
	columns := value.Dict{}
	for _, f := range strs(c.Params.Get("columns")) {
		columns = append(columns, value.Entry{Key: value.String(f), Value: c.Inputs.Get(f)})
	}
	data, _ := c.Inputs.Get("data").(value.Dict)
	columns = append(columns, data...)
	if c.Inputs.Has("rows") {
		if len(columns) > 0 {
			return nil, fmt.Errorf("it has both rows and columns; give one of them")
		}
		return fromRows(asList(c.Inputs.Get("rows")), strs(c.Inputs.Get("header")), missing)
	}
	if len(columns) == 0 {
		return nil, fmt.Errorf("it has nothing to write; give columns, data or rows")
	}
	return fromColumns(columns, missing)
}

func fromColumns(columns value.Dict, missing string) ([][]string, error) {
	length, first := -1, ""
	lists := make([][]value.Value, len(columns))
	for i, e := range columns {
		if _, ok := value.Items(e.Value); !ok {
			continue
		}
		lists[i] = flatten([]value.Value{}, e.Value)
		if length >= 0 && len(lists[i]) != length {
			return nil, fmt.Errorf("column %q has %d values, column %q has %d", first, length, value.Text(e.Key), len(lists[i]))
		}
		length, first = len(lists[i]), value.Text(e.Key)
	}
	if length < 0 {
		length = 1
	}
	rows := make([][]string, length+1)
	for i, e := range columns {
		rows[0] = append(rows[0], value.Text(e.Key))
		for j := range length {
			v := e.Value
			if lists[i] != nil {
				v = lists[i][j]
			}
			rows[j+1] = append(rows[j+1], cellText(v, missing))
		}
	}
	return rows, nil
}

func flatten(to []value.Value, v value.Value) []value.Value {
	items, ok := value.Items(v)
	if !ok {
		return append(to, v)
	}
	for _, e := range items {
		to = flatten(to, e)
	}
	return to
}

// fromRows takes lists under the header, and dictionaries under all keys in the
// order in which they appear.
func fromRows(items []value.Value, header []string, missing string) ([][]string, error) {
	items = dictRows(nil, items)
	rows := [][]string{slices.Clone(header)}
	for _, item := range items {
		if d, ok := item.(value.Dict); ok {
			for _, e := range d {
				if k := value.Text(e.Key); !slices.Contains(rows[0], k) {
					rows[0] = append(rows[0], k)
				}
			}
		}
	}
	for i, item := range items {
		row := make([]string, len(rows[0]))
		cells, isList := value.Items(item)
		d, _ := item.(value.Dict)
		if isList && len(header) > 0 && len(cells) != len(rows[0]) {
			return nil, fmt.Errorf("row %d has %d values for %d columns", i+1, len(cells), len(rows[0]))
		}
		if isList && len(header) == 0 {
			row = make([]string, len(cells))
		}
		for j := range row {
			if isList {
				row[j] = cellText(cells[j], missing)
			} else {
				row[j] = cellText(d.Get(value.String(rows[0][j])), missing)
			}
		}
		rows = append(rows, row)
	}
	if len(rows[0]) == 0 { // lists without a header
		rows = rows[1:]
	}
	return rows, nil
}

// dictRows takes lists of dictionaries, as a join of several tables gives
// them, one behind the other; a list of anything else is one row.
func dictRows(out, items []value.Value) []value.Value {
	for _, item := range items {
		list, isList := value.Items(item)
		if isList && len(list) > 0 && value.KindOf(list[0]) == value.DictKind {
			out = dictRows(out, list)
		} else {
			out = append(out, item)
		}
	}
	return out
}
