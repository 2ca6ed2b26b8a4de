package workflow

import "github.com/raphe-org/raphe/internal/iface"

// A Foreign is what a node has beside its interface, inputs and options when
// another program made it: nipype, whose plugin hands its expanded graph over.
// Such a node is one instance, has its place on disk from there, and is kept
// there as a blob that Python unpickles.
type Foreign struct {
	Class  *Class
	Dir    string   // its working directory below base_dir, with slashes: the instance's name
	Label  string   // nipype's fullname, shared by all instances of one node
	Result string   // nipype's name of the node: its results lie in result_<Result>.pklz
	ExecID string   // nipype's _id
	Blob   string   // the pickle of the node, relative to the hand-over folder
	Digest [32]byte // SHA-256 of the blob
	GPU    bool     // each of its processes uses a GPU
	Opaque []string // its inputs that have no form here: only the blob holds them

	// Otherwise runs the node where its interface, one of the catalogue, can't; nil
	// for a node whose interface is Python anyway.
	Otherwise *iface.Interface
}

// A Class is what is known of the Python class that a foreign node runs. Nodes
// share it.
type Class struct {
	ID          string   // what the records of a definition call it
	Name        string   // module and name: "nipype.interfaces.fsl.preprocess.BET"
	Interface   string   // its name in the catalogue, "" if it is not there
	Inputs      []string // all of them; empty where only those that are set are known
	Outputs     []string // in order of declaration
	Exists      []string // outputs that are paths of what must be there
	Paths       []string // outputs that are paths, or lists of these: plain text whatever made them
	InputSpec   string   // module and name of the class of its inputs
	OutputSpec  string
	NoHash      []string // inputs that nipype leaves out of its hash
	NoFileHash  []string // inputs whose text counts, not the file behind it
	CommandLine bool     // a CommandLine, so that its command can be run apart
	AlwaysRun   bool
	CanResume   bool // its directory is kept for another attempt
}

// Python says how the foreign nodes of a definition are run, and where what
// belongs to all of them lies.
type Python struct {
	Executable   string
	Package      string   // the folder that holds raphe_nipype
	Folder       string   // the hand-over folder
	StartMethod  string   // "zygote" or "spawn"
	MaxTasks     int      // requests that a worker takes; 0 counts as 1
	GPUs         int      // processes that may use GPUs at once
	Preload      []string // modules that the template imports
	UpdateHash   bool
	CreateReport bool
	CrashFormat  string   // "pklz" or "txt"
	Then         []string // what takes the place of Raphe at the end; empty: nothing
}

// SetPython says how foreign nodes are run.
func (d *Definition) SetPython(p *Python) { d.python = p }

// Python gives how foreign nodes are run; nil: there are none.
func (d *Definition) Python() *Python { return d.python }

// SetForeign makes the node a foreign one.
func (n Node) SetForeign(f *Foreign) {
	if n.def.foreign == nil {
		n.def.foreign = map[NodeID]*Foreign{}
	}
	n.def.foreign[n.ID] = f
}

// Foreign gives what the node has as a foreign one, nil if it is none.
func (n Node) Foreign() *Foreign { return n.def.foreign[n.ID] }

// Label gives the name by which people know the node: its full name, or that
// which it has in the program that handed it over. There, instances of one node
// are nodes of their own here, and share it.
func (n Node) Label() string {
	if f := n.Foreign(); f != nil {
		return f.Label
	}
	return n.FullName()
}
