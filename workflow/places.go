package workflow

import "github.com/raphe-org/raphe/internal/diag"

// places remembers where single inputs and options of nodes are written, so
// that a check can point at them. Only the first ones are kept: in a workflow
// of a million nodes the node's own place must do.
type places map[placeKey]packedPos

type placeKey struct {
	node NodeID
	of   Name
}

const maxPlaces = 20_000

// SetPlace says where an input or option of the node is written.
func (n Node) SetPlace(of string, pos diag.Pos) {
	d := n.def
	key := placeKey{n.ID, d.intern(of)}
	switch {
	case !pos.IsValid():
		delete(d.places, key)
	case len(d.places) < maxPlaces:
		if d.places == nil {
			d.places = places{}
		}
		d.places[key] = d.packPos(pos)
	}
}

// Place gives where an input or option of the node is written; the node's own
// place when that is not known.
func (n Node) Place(of string) diag.Pos {
	if len(n.def.places) > 0 {
		if name, known := n.def.FindName(of); known {
			if p, ok := n.def.places[placeKey{n.ID, name}]; ok {
				return n.def.unpackPos(p)
			}
		}
	}
	return n.Pos()
}

// Excuse notes that a value was meant for an input but was wrong, which has been
// said: that the input has none is then not worth saying.
func (n Node) Excuse(input string) {
	d := n.def
	if input == "" || len(d.excused) >= maxPlaces {
		return
	}
	if d.excused == nil {
		d.excused = map[placeKey]bool{}
	}
	d.excused[placeKey{n.ID, d.intern(input)}] = true
}

// Excused reports whether a value was meant for an input.
func (n Node) Excused(input string) bool {
	if len(n.def.excused) == 0 {
		return false
	}
	name, known := n.def.FindName(input)
	return known && n.def.excused[placeKey{n.ID, name}]
}

// RoomForPlaces reports whether further places would be kept.
func (d *Definition) RoomForPlaces() bool { return len(d.places) < maxPlaces }
