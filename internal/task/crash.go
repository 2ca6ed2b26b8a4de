package task

import (
	"cmp"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/raphe-org/raphe/internal/event"
	"github.com/raphe-org/raphe/internal/executor"
	"github.com/raphe-org/raphe/internal/nipype"
	"github.com/raphe-org/raphe/internal/proc"
	"github.com/raphe-org/raphe/workflow"
)

// toolCrash writes nipype's crash file of a tool that failed, without Python. It
// gives the name of the file, "" if there is none.
func (a *attemptRun) toolCrash(ctx context.Context, f *event.Failure, t *executor.Task) string {
	if ctx.Err() != nil || f.Kind == proc.Cancelled.String() {
		return ""
	}
	n := a.nipypeNode(a.look)
	c := &nipype.Crash{
		Folder: a.door.crashFolder(a.node), Text: a.door.CrashFormat == "txt", Config: a.door.config,
		Command: f.Command, Cause: f.Cause,
	}
	if f.Detail != "" {
		c.Cause += "\n" + f.Detail
	}
	if !t.StdoutIsData {
		c.Stdout = lastOf(t.Stdout)
	}
	c.Stderr = lastOf(t.Stderr)
	path, err := n.WriteCrash(c)
	if err != nil {
		f.Detail = strings.TrimPrefix(f.Detail+"\n"+err.Error(), "\n")
	}
	return path
}

// lastOf gives the end of what a tool printed: a crash file is for people.
func lastOf(path string) []byte {
	const most = 1 << 20
	f, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.Size() > most {
		_, _ = f.Seek(-most, io.SeekEnd)
	}
	b, _ := io.ReadAll(io.LimitReader(f, most))
	return b
}

// crashFolder gives where nipype leaves the crash files of a node: where nothing
// is set, in the directory that its process was in.
func (d *door) crashFolder(n workflow.Node) string {
	own := n.Options().Config.CrashDumpDir
	for w := n.Parent(); own == "" && w.ID != 0; w = w.Parent() {
		own = w.Options().Config.CrashDumpDir
	}
	own = cmp.Or(own, d.option("crashdump_dir"))
	if !filepath.IsAbs(own) {
		own = filepath.Join(d.cwd, own)
	}
	return own
}
