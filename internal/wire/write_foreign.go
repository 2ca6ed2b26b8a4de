package wire

import (
	"encoding/hex"

	"github.com/raphe-org/raphe/internal/value"
	"github.com/raphe-org/raphe/workflow"
)

func (w *writer) python(p *workflow.Python) {
	if p == nil {
		return
	}
	w.classes = map[*workflow.Class]bool{}
	w.object("kind", value.String("python"))
	w.text("executable", p.Executable)
	w.text("package", p.Package)
	w.text("folder", p.Folder)
	w.text("start_method", p.StartMethod)
	if p.MaxTasks != 0 {
		w.field("maxtasksperchild", value.Int(p.MaxTasks))
	}
	w.texts("preload", p.Preload)
	if p.GPUs != 0 {
		w.field("n_gpu_procs", value.Int(p.GPUs))
	}
	w.flag("updatehash", p.UpdateHash)
	w.flag("create_report", p.CreateReport)
	w.text("crashfile_format", p.CrashFormat)
	w.texts("then", p.Then)
	w.end()
}

// class writes the record of a class before its first node.
func (w *writer) class(c *workflow.Class) {
	if w.classes[c] {
		return
	}
	w.classes[c] = true
	w.object("kind", value.String("class")).field("id", value.String(c.ID)).field("name", value.String(c.Name))
	w.text("interface", c.Interface)
	w.texts("inputs", c.Inputs)
	w.texts("outputs", c.Outputs)
	w.texts("exists", c.Exists)
	w.texts("paths", c.Paths)
	w.text("input_spec", c.InputSpec)
	w.text("output_spec", c.OutputSpec)
	w.texts("nohash", c.NoHash)
	w.texts("nofilehash", c.NoFileHash)
	w.flag("command_line", c.CommandLine)
	w.flag("always_run", c.AlwaysRun)
	w.flag("can_resume", c.CanResume)
	w.end()
}

// foreign writes what a node has beside its name, inputs and options.
func (w *writer) foreign(n workflow.Node, f *workflow.Foreign) {
	how := "tool"
	if p := n.Interface().Python; p != nil {
		how = "worker"
		if p.Split {
			how = "split"
		}
	}
	w.field("class", value.String(f.Class.ID)).field("how", value.String(how))
	w.text("blob", f.Blob)
	w.text("sha256", hex.EncodeToString(f.Digest[:]))
	w.text("dir", f.Dir)
	w.text("label", f.Label)
	w.text("result", f.Result)
	w.text("exec_id", f.ExecID)
	w.texts("opaque", f.Opaque)
	w.flag("gpu", f.GPU)
}
