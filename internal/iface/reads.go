package iface

// IsPath reports whether the port takes paths of files or folders, alone, in
// lists, or among other things.
func (t Type) IsPath() bool { return t.any(func(t Type) bool { return t.Kind == File || t.Kind == Dir }) }

// MustExist reports whether paths that the port takes must be there before
// anything runs: it reads them, rather than being told where to write.
func (t Type) MustExist() bool {
	return t.any(func(t Type) bool { return (t.Kind == File || t.Kind == Dir) && t.Exists })
}

// any reports whether the type, or a type within it, is as is says.
func (t Type) any(is func(Type) bool) bool {
	if is(t) {
		return true
	}
	for _, of := range t.Of {
		if of.any(is) {
			return true
		}
	}
	return false
}
