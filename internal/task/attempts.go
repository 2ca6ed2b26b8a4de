package task

import "github.com/raphe-org/raphe/internal/store"

// Before gives, by name, the attempts that came before each of the last records
// in the same run: those that were repeated. Instances that were tried once have
// none.
func Before(s *store.Store, base string, last []*Record) (map[string][]*Record, error) {
	wanted := map[store.ID]*Record{}
	for _, r := range last {
		if r.Attempt > 1 {
			wanted[ID(r.Name)] = r
		}
	}
	before := map[string][]*Record{}
	if len(wanted) == 0 {
		return before, nil
	}
	_, err := s.Scan(0, func(raw store.Record) error {
		last := wanted[raw.ID]
		if last == nil || raw.Kind != KindResult && raw.Kind != KindFailure {
			return nil
		}
		r, err := DecodeRecord(raw.Payload, base)
		switch {
		case err != nil:
			return err
		case r.Name != last.Name:
		case r.Attempt == 1: // of a run, and so far of the last one
			before[r.Name] = []*Record{r}
		case r.Attempt < last.Attempt || !r.Began.Equal(last.Began):
			before[r.Name] = append(before[r.Name], r)
		}
		return nil
	})
	return before, err
}
