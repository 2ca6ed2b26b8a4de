package native

import (
	"os"
	"slices"

	"github.com/raphe-org/raphe/internal/native/pytext"
)

// companionSets are the extensions of files that belong together.
//
// Source: nipype/utils/filemanip.py, related_filetype_sets.
var companionSets = [][]string{{".hdr", ".img", ".mat"}, {".nii", ".mat"}, {".BRIK", ".HEAD"}}

// A move is a file and where it goes.
type move struct{ from, to string }

// companions gives the files that lie beside from and belong to it, and their
// names beside to. There are none if the extension changes.
func companions(from, to string) []move {
	dir, stem, ext := pytext.SplitExt(from)
	toDir, toStem, toExt := pytext.SplitExt(to)
	if ext != toExt || ext == "" {
		return nil
	}
	var out []move
	for _, set := range companionSets {
		if !slices.Contains(set, ext) {
			continue
		}
		for _, e := range set {
			beside := dir + "/" + stem + e
			if info, err := os.Stat(beside); e != ext && err == nil && info.Mode().IsRegular() {
				out = append(out, move{beside, toDir + "/" + toStem + e})
			}
		}
	}
	return out
}
