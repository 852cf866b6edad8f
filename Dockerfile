# A static binary, certificate authorities, and nothing else, not run as root.
#
#   docker build -t swallow-eval .
#   docker run --rm -v swallow-eval:/cache swallow-eval run --tasks gsm8k --model 7b
#
# The versions of Go's image decide the bytes; pin it by digest where that matters.
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download && go mod verify
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o /out/swallow-eval ./cmd/swallow-eval \
 && mkdir -p /out/cache /out/tmp && chmod 1777 /out/tmp

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/swallow-eval /usr/local/bin/swallow-eval
COPY --from=build --chown=65532:65532 /out/cache /cache
COPY --from=build --chown=65532:65532 /out/tmp /tmp
COPY LICENSE NOTICE /usr/share/doc/swallow-eval/
# Models go where the hub's Python client would put them, everything else beside: one volume holds it all.
ENV HOME=/cache XDG_CACHE_HOME=/cache HF_HOME=/cache/huggingface
WORKDIR /cache
VOLUME /cache
USER 65532:65532
ENTRYPOINT ["/usr/local/bin/swallow-eval"]
