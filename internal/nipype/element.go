package nipype

import "os"

// mostBlob is how large a blob is that is written into the files of each element
// of its MapNode. One that is larger holds long lists, mostly, and there are as
// many elements as they are long.
const mostBlob = 16 << 10

// unpickled gives how a pickle writes the node of the blob: with the blob in it,
// or for elements of a large one by the name of its file.
func (n *Node) unpickled() (func(p *pickler), error) {
	if n.Element != nil {
		info, err := os.Stat(n.Blob)
		if err != nil {
			return nil, err
		}
		if info.Size() > mostBlob {
			return func(p *pickler) { p.loadFile(n.Blob) }, nil
		}
	}
	blob, err := os.ReadFile(n.Blob)
	if err != nil {
		return nil, err
	}
	return func(p *pickler) { p.call("pickle", "loads", func() { p.bytes(blob) }) }, nil
}

// loadFile writes pickle.loads(open(path, "rb").read()).
func (p *pickler) loadFile(path string) {
	file := func() { p.call("builtins", "open", func() { p.text(path) }, func() { p.text("rb") }) }
	p.call("pickle", "loads", func() {
		p.attribute(file, "read")()
		p.op(opEmptyTuple, opReduce)
	})
}

// elementNode writes the node of an element of a MapNode. Only the MapNode has
// a blob, so the pickle says how nipype makes the element from it:
//
//	node = pickle.loads(blob)
//	MapNode._get_inputs(node)
//	list(MapNode._make_nodes(node))[index][1]
//
// Nothing in a run reads this file; it is for people who look into a node.
func (p *pickler) elementNode(mapNode func(*pickler), index int) {
	const nodes = "nipype.pipeline.engine.nodes"
	node := func() {
		if p.recall("node") {
			return
		}
		mapNode(p)
		p.keep("node")
	}
	at := func(of func(), i int) func() {
		return func() { p.call("operator", "getitem", of, func() { p.int(int64(i)) }) }
	}
	filled := at(func() { // (MapNode._get_inputs(node), node)[1]
		p.op(opMark)
		p.call(nodes, "MapNode._get_inputs", node)
		node()
		p.op(opTuple)
	}, 1)
	made := func() { p.call("builtins", "list", func() { p.call(nodes, "MapNode._make_nodes", filled) }) }
	at(at(made, index), 1)()
}

// call writes what a function gives when the pickle is read.
func (p *pickler) call(module, name string, args ...func()) {
	p.global(module, name)
	p.op(opMark)
	for _, arg := range args {
		arg()
	}
	p.op(opTuple, opReduce)
}
