# One sandbox: the worker of the package that is mounted at /function, as nobody.
ARG BASE
FROM ${BASE}
ENV LANG=C.UTF-8
USER 65534:65534
WORKDIR /tmp
EXPOSE 9000
ENTRYPOINT ["node", "/function/worker.mjs"]
CMD []
