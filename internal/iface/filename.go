package iface

import "strings"

// compound are the extensions of two parts that name one format: those of
// nipype's split_filename, since names of outputs follow from them.
var compound = []string{".nii.gz", ".tar.gz", ".niml.dset"}

// SplitExt splits a path before its extension; .nii.gz and its like are one
// extension, and a name that only starts with a dot has none.
func SplitExt(p string) (stem, ext string) {
	name := BaseName(p)
	lower := strings.ToLower(name)
	for _, c := range compound {
		if strings.HasSuffix(lower, c) && len(name) > len(c) {
			return p[:len(p)-len(c)], p[len(p)-len(c):]
		}
	}
	lead := len(name) - len(strings.TrimLeft(name, "."))
	dot := strings.LastIndexByte(name, '.')
	if dot < lead {
		return p, ""
	}
	return p[:len(p)-len(name)+dot], name[dot:]
}

// BaseName gives what follows the last slash.
func BaseName(p string) string { return p[strings.LastIndexByte(p, '/')+1:] }

// DirName gives what precedes the last slash, as Python's os.path.dirname.
func DirName(p string) string {
	head := p[:strings.LastIndexByte(p, '/')+1]
	if trimmed := strings.TrimRight(head, "/"); trimmed != "" {
		return trimmed
	}
	return head
}

// JoinPath puts part below dir, as Python's os.path.join: a part that starts
// with a slash drops what is before it.
func JoinPath(dir, part string) string {
	if dir == "" || strings.HasPrefix(part, "/") {
		return part
	}
	if strings.HasSuffix(dir, "/") {
		return dir + part
	}
	return dir + "/" + part
}
