package iface

import (
	"fmt"
	"strings"

	"github.com/raphe-org/raphe/internal/value"
)

// companions are the files that belong to one of another extension and are
// brought along with it.
var companions = map[string][]string{
	".img":  {".hdr", ".mat"},
	".hdr":  {".img", ".mat"},
	".nii":  {".mat"},
	".BRIK": {".HEAD"},
	".HEAD": {".BRIK"},
}

// stageInputs brings the inputs that are marked CopyFile into the working
// directory, and gives the inputs with their paths there.
func (f *Interface) stageInputs(in value.Record, dir string, line *Line) (value.Record, error) {
	taken := map[string]string{}
	for i := range f.Inputs {
		input := &f.Inputs[i]
		v := in.Get(input.Name)
		if v == nil || input.CopyFile == nil || !input.Type.IsPath() {
			continue
		}
		var clash error
		staged := value.Map(v, func(p string) string {
			from := cleanJoin(dir, p)
			to := cleanJoin(dir, BaseName(strings.TrimRight(p, "/")))
			if other, ok := taken[to]; ok && other != from {
				clash = fmt.Errorf("input %q: %s and %s would both become %s", input.Name, other, from, to)
			}
			if _, done := taken[to]; !done && from != to {
				line.stage(from, to, *input.CopyFile)
			}
			taken[to] = from
			return to
		})
		if clash != nil {
			return nil, clash
		}
		in = in.With(input.Name, staged)
	}
	return in, nil
}

// stage adds a file and its companions.
func (l *Line) stage(from, to string, copied bool) {
	l.Stage = append(l.Stage, Staged{From: from, To: to, Copy: copied})
	fromStem, ext := SplitExt(from)
	toStem, _ := SplitExt(to)
	for _, c := range companions[ext] {
		l.Stage = append(l.Stage, Staged{From: fromStem + c, To: toStem + c, Copy: copied, Optional: true})
	}
}

// stage adds what the tool file itself asks to be brought into place.
func (s *scope) stage(line *Line) error {
	for _, r := range s.f.Command.Stage {
		if ok, err := r.When.holds(s); err != nil || !ok {
			if err != nil {
				return err
			}
			continue
		}
		v, err := s.get(r.Input)
		if err != nil {
			return err
		}
		if !isOn(v) {
			continue
		}
		items, ok := value.Items(v)
		if !ok {
			items = []value.Value{v}
		}
		for i, item := range items {
			vars := []value.Field{{Name: "i", Value: value.Int(i)}, {Name: "n", Value: value.Int(i + 1)}, {Name: r.Input, Value: item}}
			err := s.with(vars, func() error {
				to, err := r.To.eval(s)
				if err == nil && to != nil {
					line.stage(s.abs(value.Text(item)), s.abs(value.Text(to)), r.Copy)
				}
				return err
			})
			if err != nil {
				return fmt.Errorf("staging of %q: %w", r.Input, err)
			}
		}
	}
	return nil
}
