# syntax=docker/dockerfile:1
FROM python:3.13-slim
COPY <<PIP <<-"APP" /etc/
[global]
index-url = https://pkgs.dev.azure.com/contoso/_packaging/python/pypi/simple/
PIP
	print("hello")
	APP
COPY --chmod=0644 <<EOF /etc/pip.conf
[global]
index-url = https://pkgs.dev.azure.com/contoso/_packaging/python/pypi/simple/
EOF
RUN python3 <<EOF
token = "no shell: set -x; echo $HOME"
print(token)
EOF
RUN <<A bash -eu
echo "${HOSTNAME}"
A
USER 1000
