.PHONY: build test race fuzz bench lint clean

build:
	CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o bin/raphe ./cmd/raphe

test:
	go test ./...

race:
	go test -race ./...

lint:
	gofmt -l $$(git ls-files '*.go')
	go vet ./...
	go tool -modfile=tools/go.mod staticcheck ./...

fuzz:
	bash test/fuzz

bench:
	go run ./bench $(BENCH)

clean:
	rm -rf bin dist
