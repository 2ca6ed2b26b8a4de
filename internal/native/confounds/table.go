package confounds

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"strings"
)

// readTable reads numbers in columns, separated by blanks: one row a line.
// Empty lines and what follows a # are passed over, as in numpy's loadtxt. All
// rows have the same length, all numbers are finite; errors name the line.
func readTable(path string) ([][]float64, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var rows [][]float64
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		text, _, _ := strings.Cut(lines.Text(), "#")
		row, err := parseRow(text)
		if err != nil {
			return nil, fmt.Errorf("read %s: line %d: %w", path, n, err)
		}
		if len(row) == 0 {
			continue
		}
		if len(rows) > 0 && len(row) != len(rows[0]) {
			return nil, fmt.Errorf("read %s: line %d: %d columns, the first row has %d", path, n, len(row), len(rows[0]))
		}
		rows = append(rows, row)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return rows, nil
}

func parseRow(text string) ([]float64, error) {
	var row []float64
	for field := range strings.FieldsSeq(text) {
		v, err := strconv.ParseFloat(field, 64)
		if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("%q is not a finite number", field)
		}
		row = append(row, v)
	}
	return row, nil
}

// writeColumn writes one number a line.
func writeColumn(w io.Writer, format string, values []float64) error {
	for _, v := range values {
		if _, err := fmt.Fprintf(w, format, v); err != nil {
			return err
		}
	}
	return nil
}
