# Node.js from its own package, laid out as the official image has it: node and npm in /usr/local.
ARG BASE
FROM ${BASE}
COPY root/ /
