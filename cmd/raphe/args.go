package main

import (
	"strings"

	"github.com/spf13/pflag"

	"github.com/raphe-org/raphe/internal/diag"
)

// theirArgs are the options on a command line that are the definition's.
type theirArgs struct {
	values map[string][]string
	flags  []string // raphe's own options, which a misspelt one may mean
}

// splitArgs takes a command line apart that holds options of raphe's own,
// options that the definition declares with arg(), and one file: `run
// FILE --procs 4 --bids-dir ds1`. Which options a definition has is known only
// when it is evaluated, so every option that flags does not know is taken for
// one of its.
func splitArgs(flags *pflag.FlagSet, args []string) (file string, own []string, theirs theirArgs, err error) {
	theirs.values = map[string][]string{}
	flags.VisitAll(func(f *pflag.Flag) { theirs.flags = append(theirs.flags, f.Name) })
	for k := 0; k < len(args); k++ {
		a := args[k]
		name, isOption := strings.CutPrefix(a, "--")
		name, val, hasValue := strings.Cut(name, "=")
		switch {
		case !isOption && strings.HasPrefix(a, "-") && len(a) > 1:
			own = append(own, a)
		case !isOption && file == "":
			file = a
		case !isOption:
			return "", nil, theirs, &diag.Diagnostic{Code: diag.Usage, What: "more than one definition: " + file + " and " + a,
				Why: "everything else on the command line is an option", Mend: "write --NAME VALUE for what the definition takes"}
		case flags.Lookup(name) != nil:
			own = append(own, a)
			if needsValue(flags.Lookup(name)) && !hasValue && k+1 < len(args) {
				k++
				own = append(own, args[k])
			}
		default:
			if !hasValue && k+1 < len(args) && !strings.HasPrefix(args[k+1], "--") {
				k++
				val = args[k]
			} else if !hasValue {
				val = "true"
			}
			name = strings.ReplaceAll(name, "-", "_")
			theirs.values[name] = append(theirs.values[name], val)
		}
	}
	if file == "" && !containsHelp(own) {
		return "", nil, theirs, &diag.Diagnostic{Code: diag.Usage, What: "no definition is named", Why: "it says what to run", Mend: "name the file: raphe run FILE"}
	}
	return file, own, theirs, nil
}

func needsValue(f *pflag.Flag) bool { return f.NoOptDefVal == "" }

func containsHelp(args []string) bool {
	for _, a := range args {
		if a == "--help" || a == "-h" {
			return true
		}
	}
	return false
}
