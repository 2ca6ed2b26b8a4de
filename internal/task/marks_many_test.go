package task

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAFolderOfVeryManyFilesIsOneMark(t *testing.T) {
	dir := t.TempDir()
	many := filepath.Join(dir, "many")
	if err := os.Mkdir(many, 0o777); err != nil {
		t.Fatal(err)
	}
	source := filepath.Join(dir, "source")
	if err := os.WriteFile(source, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	for i := range mostMarks + 1 {
		target := filepath.Join(many, fmt.Sprint(i))
		if i%30_000 == 0 { // a file has so many names at most
			source = target
			if err := os.WriteFile(source, nil, 0o666); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if err := os.Link(source, target); err != nil {
			t.Fatal(err)
		}
	}
	marks, err := mark([]string{many}, dir, false)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]FileMark{{"many", folderSize, 0}}, marks); d != "" {
		t.Errorf("marks (-want +got):\n%s", d)
	}
}
