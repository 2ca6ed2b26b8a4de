package check

import (
	"testing"

	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/value"
)

func of(k iface.TypeKind, of ...iface.Type) iface.Type { return iface.Type{Kind: k, Of: of} }

func TestFits(t *testing.T) {
	var (
		anyT, boolT, intT, floatT = of(iface.Any), of(iface.Bool), of(iface.Int), of(iface.Float)
		strT, fileT, dirT, dictT  = of(iface.Str), of(iface.File), of(iface.Dir), of(iface.Dict)
		words                     = iface.Type{Kind: iface.Enum, Enum: value.Strings("a", "b")}
		numbers                   = iface.Type{Kind: iface.Enum, Enum: []value.Value{value.Int(1), value.Int(2)}}
		wholeRange                = iface.Type{Kind: iface.Range, Integer: true}
		realRange                 = of(iface.Range)
		files                     = of(iface.List, fileT)
		multiFile                 = of(iface.Multi, fileT)
		pair                      = of(iface.Tuple, intT, strT)
	)
	tests := []struct {
		name    string
		out, in iface.Type
		want    bool
	}{
		{"any to file", anyT, fileT, true},
		{"file to any", fileT, anyT, true},
		{"file to file", fileT, fileT, true},
		{"file to text", fileT, strT, true},
		{"text to folder", strT, dirT, true},
		{"file to int", fileT, intT, false},
		{"int to file", intT, fileT, false},
		{"int to float", intT, floatT, true},
		{"float to int", floatT, intT, false},
		{"int to range", intT, realRange, true},
		{"float to integer range", realRange, wholeRange, false},
		{"bool to int", boolT, intT, false},
		{"int to bool", intT, boolT, false},
		{"list to one", files, fileT, false},
		{"one to list", fileT, files, false},
		{"list to list", files, of(iface.List, strT), true},
		{"list of files to list of ints", files, of(iface.List, intT), false},
		{"multi to one: it may hold one", multiFile, fileT, true},
		{"multi to list", multiFile, files, true},
		{"multi to int", multiFile, intT, false},
		{"one to multi", fileT, multiFile, true},
		{"list to multi", files, multiFile, true},
		{"int to multi of files", intT, multiFile, false},
		{"either: one fits", of(iface.Either, intT, fileT), fileT, true},
		{"either: none fits", of(iface.Either, intT, boolT), fileT, false},
		{"to either", fileT, of(iface.Either, boolT, fileT), true},
		{"to either in vain", fileT, of(iface.Either, boolT, intT), false},
		{"words to text", words, strT, true},
		{"words to int", words, intT, false},
		{"text to words", strT, words, true},
		{"int to words", intT, words, false},
		{"int to numbers", intT, numbers, true},
		{"bool to numbers", boolT, numbers, false},
		{"list to words", files, words, false},
		{"words to words", words, words, true},
		{"dict to file", dictT, fileT, false},
		{"dict to dict", dictT, dictT, true},
		{"tuple to tuple", pair, pair, true},
		{"tuple of another length", pair, of(iface.Tuple, intT), false},
		{"tuple to list", pair, of(iface.List, intT), false},
		{"list to tuple", of(iface.List, anyT), pair, true},
		{"untyped list", iface.Type{Kind: iface.List}, pair, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := fits(tt.out, tt.in); got != tt.want {
				t.Errorf("fits(%s, %s) = %v", tt.out, tt.in, got)
			}
		})
	}
}
