// Package pytext holds Python's rules for text, as far as nipype's file
// interfaces show them to users.
//
//	Percent    the % operator: "%(run)02d"
//	Template   str.format: "sub-{subject_id}/run-{run:02d}"
//	Pattern    a regular expression in Python's syntax, and re.sub
//	Glob       glob.glob
//	HumanSort  "stat2" before "stat10"
//	SplitExt   where a name ends and its extension begins
//
// It knows no interface and no workflow; Glob alone looks at the file system.
package pytext

import (
	"cmp"
	"slices"
	"strings"
)

// doubleExts are the extensions that nipype takes as one.
var doubleExts = []string{".nii.gz", ".tar.gz", ".niml.dset"}

// SplitExt splits a path into folder, name without extension, and extension.
// .nii.gz, .tar.gz and .niml.dset are one extension.
//
// Source: nipype/utils/filemanip.py, split_filename.
func SplitExt(path string) (dir, stem, ext string) {
	slash := strings.LastIndexByte(path, '/')
	name := path[slash+1:]
	if slash > 0 {
		dir = strings.TrimRight(path[:slash], "/")
	}
	if slash >= 0 && dir == "" {
		dir = "/"
	}
	for _, e := range doubleExts {
		cut := len(name) - len(e)
		if cut > 0 && strings.EqualFold(name[cut:], e) {
			return dir, name[:cut], name[cut:]
		}
	}
	dot := strings.LastIndexByte(name, '.')
	if dot < 0 || strings.Trim(name[:dot], ".") == "" { // ".bashrc" has no extension
		return dir, name, ""
	}
	return dir, name[:dot], name[dot:]
}

// HumanSort sorts paths as people count: runs of digits compare as numbers.
// Paths that differ only in leading zeros keep their order.
//
// Source: nipype/utils/misc.py, human_order_sorted.
func HumanSort(paths []string) { slices.SortStableFunc(paths, HumanCompare) }

// HumanCompare compares as [HumanSort] sorts.
func HumanCompare(a, b string) int {
	for {
		textA, restA := cutRun(a, false)
		textB, restB := cutRun(b, false)
		if c := strings.Compare(textA, textB); c != 0 {
			return c
		}
		if restA == "" || restB == "" {
			return cmp.Compare(len(restA), len(restB))
		}
		numA, restA := cutRun(restA, true)
		numB, restB := cutRun(restB, true)
		if c := compareDigits(numA, numB); c != 0 {
			return c
		}
		a, b = restA, restB
	}
}

// cutRun cuts the leading run of digits, or of anything else.
func cutRun(s string, digits bool) (run, rest string) {
	i := 0
	for i < len(s) && (s[i] >= '0' && s[i] <= '9') == digits {
		i++
	}
	return s[:i], s[i:]
}

func compareDigits(a, b string) int {
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
}
