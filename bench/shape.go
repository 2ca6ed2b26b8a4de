package main

import (
	_ "embed"
	"fmt"
	"strings"
)

// The fMRIPrep-like shape has 76 instances for each subject and 2 of the group;
// 14 subjects make 1,066.
//
//	subject (14)           anat: a chain of 8
//	  session (2 each)     fieldmap, after anat
//	    run (3 each)       func: a chain of 10, after fieldmap
//	  session              session_join over its runs, session_report
//	subject                subject_join over its sessions, subject_report
//	group                  group_join over the subjects, group_report
//
// anat and func are nested workflows. Raphe and nipype are given the sweeps and
// the joins (shape.star, python/flow.py), ninja and make each instance.
const (
	shapeSubjects = 14
	shapeSessions = 2
	shapeRuns     = 3
)

//go:embed shape.star
var shapeStar string

var (
	anatStages = []string{"conform", "denoise", "skullstrip", "segment", "normalise", "surface", "ribbon", "mask"}
	funcStages = []string{"reference", "slicetime", "motion", "unwarp", "register", "resample", "confounds", "compcor", "smooth", "summary"}
)

// A shapeJob is one instance of the shape, spelled out.
type shapeJob struct {
	name   string
	from   []string // names of the instances whose files it reads
	labels []string
}

// shapeJobs spells the shape out for so many subjects, in an order in which
// everything stands behind what it needs.
func shapeJobs(subjects int) []shapeJob {
	var jobs []shapeJob
	add := func(name string, from []string, labels ...string) string {
		jobs = append(jobs, shapeJob{name, from, labels})
		return name
	}
	chain := func(point string, stages, from []string, label string) string {
		last := ""
		for i, stage := range stages {
			if i == 0 {
				last = add(stage+point, from, label)
				continue
			}
			last = add(stage+point, []string{last})
		}
		return last
	}
	var reports []string
	for i := range subjects {
		subject := fmt.Sprintf("%02d", i+1)
		mask := chain("_"+subject, anatStages, nil, "--subject="+subject)
		var sessions []string
		for j := range shapeSessions {
			point := fmt.Sprintf("_%s_s%02d", subject, j+1)
			fieldmap := add("fieldmap"+point, []string{mask}, fmt.Sprintf("--session=s%02d", j+1))
			var runs []string
			for k := range shapeRuns {
				run := fmt.Sprintf("r%02d", k+1)
				runs = append(runs, chain(point+"_"+run, funcStages, []string{fieldmap}, "--run="+run))
			}
			joined := add("session_join"+point, runs)
			sessions = append(sessions, add("session_report"+point, []string{joined}))
		}
		joined := add("subject_join_"+subject, sessions)
		reports = append(reports, add("subject_report_"+subject, []string{joined}))
	}
	add("group_report", []string{add("group_join", reports)})
	return jobs
}

// longestChain gives how many of the jobs have to run one after the other.
func longestChain(jobs []shapeJob) int {
	depth := map[string]int{}
	longest := 0
	for _, j := range jobs {
		d := 0
		for _, name := range j.from {
			d = max(d, depth[name])
		}
		depth[j.name] = d + 1
		longest = max(longest, d+1)
	}
	return longest
}

// command gives the words of a job's command line, from the peer's folder.
func (j shapeJob) command(hold string, megabytes int, seconds float64) string {
	words := append([]string{hold, fmt.Sprint(megabytes), fmt.Sprint(seconds), "out/" + j.name}, j.inputs()...)
	return strings.Join(append(words, j.labels...), " ")
}

func (j shapeJob) inputs() []string {
	paths := make([]string, len(j.from))
	for i, name := range j.from {
		paths[i] = "out/" + name
	}
	return paths
}

// shapeNinja and shapeMake write the shape for those two.
func shapeNinja(b *strings.Builder, jobs []shapeJob, command func(shapeJob) string) {
	b.WriteString("rule hold\n  command = $words\n")
	for _, j := range jobs {
		fmt.Fprintf(b, "build out/%s: hold %s\n  words = %s\n", j.name, strings.Join(j.inputs(), " "), command(j))
	}
}

func shapeMake(b *strings.Builder, jobs []shapeJob, command func(shapeJob) string) {
	fmt.Fprintf(b, "all: out/%s\n", jobs[len(jobs)-1].name)
	for _, j := range jobs {
		fmt.Fprintf(b, "out/%s: %s\n\t@%s\n", j.name, strings.Join(j.inputs(), " "), command(j))
	}
}
