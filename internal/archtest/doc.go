// Package archtest holds the layering of the project as a test: which package
// may import which, in one table with the reasons. It has no code of its own.
package archtest
