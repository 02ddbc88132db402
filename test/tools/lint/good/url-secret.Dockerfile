# escape=`
# The directive makes the backtick the sign that continues a line.
FROM python:3.13-slim
COPY requirements.txt .
RUN --mount=type=secret,id=pip_index_url,required=true `
    # an empty secret must stop the build; a ` in a comment continues nothing
    url="$(cat /run/secrets/pip_index_url)" && test -n "$url" && `

    pip install --index-url "$url" -r requirements.txt
USER 1000
