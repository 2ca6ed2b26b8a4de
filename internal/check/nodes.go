package check

import (
	"runtime"
	"sort"
	"sync"

	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/workflow"
)

// stretch is how many nodes are checked in one go. Stretches are checked beside
// each other: most of the time goes by asking the file system for files, which
// may be far away.
const stretch = 1024

// nodes checks every node that lies inside. What is wrong is said in the order
// of the nodes.
func (c *checker) nodes() {
	c.def.FindName("") // from now on finding changes nothing
	found := make([]diag.List, (c.def.NumNodes()+stretch-1)/stretch)
	var wait sync.WaitGroup
	free := make(chan struct{}, 4*runtime.GOMAXPROCS(0))
	for k := range found {
		free <- struct{}{}
		wait.Go(func() {
			part := checker{def: c.def, inside: c.inside, links: c.links, meant: c.meant}
			part.stretch(workflow.NodeID(1+k*stretch), workflow.NodeID(min(c.def.NumNodes(), (k+1)*stretch)))
			found[k] = part.problems
			<-free
		})
	}
	wait.Wait()
	for _, problems := range found {
		for _, d := range problems {
			c.add(d)
		}
	}
}

// stretch checks the nodes from first to last.
func (c *checker) stretch(first, last workflow.NodeID) {
	at := sort.Search(len(c.links), func(i int) bool { return c.links[i].dst >= first })
	for id := first; id <= last; id++ {
		from := at
		for at < len(c.links) && c.links[at].dst == id {
			at++
		}
		if node := c.def.Node(id); c.inside[node.Parent().ID] {
			c.node(node, c.links[from:at])
		}
	}
}
