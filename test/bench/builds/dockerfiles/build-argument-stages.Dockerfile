# (b), (c) A first stage takes the index with its token as a build argument; a second one copies the environment.
FROM upstream AS build
ARG PIP_INDEX_URL
ENV PIP_INDEX_URL=$PIP_INDEX_URL
RUN python3 -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH
COPY requirements.txt .
RUN pip install --no-cache-dir --requirement requirements.txt
COPY . /app
RUN pip install --no-cache-dir --no-deps /app

FROM upstream
COPY --from=build /opt/venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH
CMD ["orders-api"]
