package task

import "github.com/raphe-org/raphe/internal/store"

// Last gives the last record of every instance that keep chooses, results and
// failures, outputs that are kept apart filled in.
func Last(s *store.Store, base string, keep func(*Record) bool) ([]*Record, error) {
	r := results{store: s}
	r.init(base, 0)
	if _, err := s.Scan(0, r.visit); err != nil {
		return nil, err
	}
	var out []*Record
	_, err := s.Scan(0, func(raw store.Record) error {
		if raw.Kind != KindResult && raw.Kind != KindFailure || r.earlier.Get(uint64(raw.ID)) != raw.Ref {
			return nil
		}
		rec, err := DecodeRecord(raw.Payload, base)
		if err != nil {
			return err
		}
		if keep(rec) {
			out = append(out, rec)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, rec := range out {
		if rec.Outputs, err = r.outputs(rec); err != nil {
			return nil, err
		}
	}
	return out, nil
}
