package main

import (
	"archive/zip"
	"bytes"
	"io/fs"
	"time"
)

// epoch is the time of every file in a wheel, the earliest that an archive can
// tell: what a wheel is made of is all that it depends on.
var epoch = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)

// archive gives the wheel's bytes. Writing to memory can't fail.
func (w *wheel) archive() []byte {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, f := range w.files {
		mode := fs.FileMode(0o644)
		if f.program {
			mode = 0o755
		}
		h := &zip.FileHeader{Name: f.name, Method: zip.Deflate, Modified: epoch}
		h.SetMode(mode)
		entry, err := z.CreateHeader(h)
		if err == nil {
			_, err = entry.Write(f.content)
		}
		if err != nil {
			panic("BUG: a wheel in memory: " + err.Error())
		}
	}
	if err := z.Close(); err != nil {
		panic("BUG: a wheel in memory: " + err.Error())
	}
	return out.Bytes()
}
