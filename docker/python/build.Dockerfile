# Where packages are made: the runtime they will run on, and pip. What it downloads is kept in /cache, which is mounted;
# so are the package and, where there is one, the host's CA bundle. Nothing of a build stays in the image.
ARG BASE
FROM ${BASE}
ENV HOME=/tmp LANG=C.UTF-8 PIP_CACHE_DIR=/cache/pip npm_config_cache=/cache/npm
WORKDIR /package
