package report

import (
	"fmt"
	"time"

	"github.com/raphe-org/raphe/internal/event"
	"github.com/raphe-org/raphe/internal/history"
)

var began = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)

// hostile is text that tries to leave where it stands.
const hostile = "</script><script>alert(1)</script>\"'><img src=x onerror=alert(2)> {{.}} \x00\x1b[31m \xff\xfe ﷽ \U0001F9E0 ]]> <!--"

// synthetic makes the report of a run of n instances of three nodes, of which
// every 100th failed and the last two run.
func synthetic(n int) *Report {
	h := &history.History{
		Run:  history.Run{Began: began, Host: "node17", PID: 4242, Command: "raphe run study.star", Version: "1.0", Total: n, Procs: 8, Memory: 16 << 30},
		Base: "/data/work", Phase: history.Goes, Seen: began.Add(time.Hour), Read: began.Add(time.Hour),
		Counts: event.Counts{Total: n, Done: n - n/100, Failed: n / 100},
	}
	g := NewGraphBuilder("study", ByNode)
	r := &Report{History: h, Reasons: []string{"it never ran here", "input \"frac\" changed: 0.4, was 0.5"}, Version: "1.0"}
	for i, name := range []string{"study.prep.skullstrip", "study.prep.register", "study.segment"} {
		r.Nodes = append(r.Nodes, Node{Name: name, Interface: "fsl.BET"})
		g.Node(GraphNode{Name: name, Interface: "fsl.BET", Instances: (n + 2) / 3})
		if i > 0 {
			g.Edge(GraphEdge{From: i - 1, To: i})
		}
	}
	r.Graph = g.Graph()
	step := time.Hour / time.Duration(n+8)
	for i := range n {
		row := Row{
			Name: fmt.Sprintf("study/prep/_subject_%05d/%s", i/3, []string{"skullstrip", "register", "segment"}[i%3]),
			Node: int32(i % 3), Reason: int32(i % 2), State: Done, Attempt: 1, Began: began.Add(time.Duration(i) * step),
			Usage: event.Usage{
				Wall: 7 * step, CPU: 6 * step, PeakRSS: int64(100+i%50) << 20, ReadBytes: 1 << 20, WriteBytes: 2 << 20,
				Asked: event.Asked{Procs: 1, Mem: 4 << 30, From: event.FromUser},
			},
			Detail: marshal(details{Command: fmt.Sprintf("bet in_%d.nii.gz out.nii.gz -f 0.4", i), Dir: true, Inputs: [][2]string{{"in_file", fmt.Sprintf("/data/sub-%05d.nii.gz", i)}}}),
		}
		switch {
		case i%100 == 99:
			row.State, row.Attempt = Failed, 2
			row.Before = []Attempt{{Number: 1, Began: row.Began.Add(-step), Usage: event.Usage{Wall: step / 2}, Cause: "exit status 1"}}
			h.Failed = append(h.Failed, history.Failed{Name: row.Name, Node: r.Nodes[row.Node].Name, Cause: "exit status 1", Failure: &event.Failure{
				Cause: "exit status 1", Kind: "exit-status", Mend: "read the end of its stderr", Command: "bet in out", Stderr: "cannot open in.nii.gz", Rerun: "sh replay.sh",
			}})
		case i >= n-2:
			row.State = Running
			h.Running = append(h.Running, history.Running{Name: row.Name, Node: r.Nodes[row.Node].Name, Began: row.Began, Attempt: 1})
		}
		r.Nodes[row.Node].States[row.State]++
		r.Rows = append(r.Rows, row)
	}
	for i := range 120 {
		at := began.Add(time.Duration(i+1) * 30 * time.Second)
		tools := int64(500+300*(i%7)) << 20
		r.Memory = append(r.Memory, history.Point{Time: at, Span: 30 * time.Second, Sample: event.Sample{
			Raphe: event.Memory{RSS: 18 << 20, PSS: 17 << 20, VSize: 1 << 30}, Tools: event.Memory{RSS: tools, PSS: tools * 9 / 10, VSize: 3 * tools},
			Processes: 8, Commit: 4 << 30, Limit: 16 << 30,
			Nodes: map[string]int64{"study.prep.skullstrip": tools / 2, "study.prep.register": tools / 3},
		}})
	}
	(&reader{Report: *r}).order()
	return r
}
