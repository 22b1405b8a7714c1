# One sandbox: the worker of the package that is mounted at /function, as nobody. Without the site-packages of the image
# (-s -S), so that a function has what its lock file names, and without writing bytecode (-B) into a package that is shared.
ARG BASE
FROM ${BASE}
ENV LANG=C.UTF-8
USER 65534:65534
WORKDIR /tmp
EXPOSE 9000
ENTRYPOINT ["python3", "-s", "-S", "-B", "/function/worker.py"]
CMD []
