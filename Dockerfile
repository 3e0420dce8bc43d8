# The server in one image: no compiler, no root, nothing written outside /data. docs/self-hosting.md says how to run it.

FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /src
# Dependencies first: they change less often than the code, so that most builds reuse this layer.
COPY requirements/ requirements/
RUN python3 -m venv /opt/tools && /opt/tools/bin/pip install --quiet --require-hashes -r requirements/setup.txt
RUN python3 -m venv /opt/commentbox && /opt/commentbox/bin/pip install --quiet --require-hashes -r requirements/runtime.txt
COPY pyproject.toml README.md ./
COPY alembic/ alembic/
COPY themes/ themes/
COPY commentbox/ commentbox/
RUN /opt/tools/bin/pip wheel --quiet --no-deps --no-build-isolation --wheel-dir /dist . \
 && /opt/commentbox/bin/pip install --quiet --no-deps --no-index --find-links /dist commentbox

FROM python:3.11-slim-bookworm
# A fixed number, so that the owner of a mounted /data can be set before the container exists.
RUN groupadd --gid 10001 commentbox && useradd --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin commentbox \
 && install -d -o commentbox -g commentbox /data
COPY --from=build /opt/commentbox /opt/commentbox
ENV PATH=/opt/commentbox/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    COMMENTBOX_DATA_DIR=/data COMMENTBOX_HOST=0.0.0.0 COMMENTBOX_PORT=8000
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s --retries=3 \
  CMD ["python3", "-c", "import os, urllib.request as u; u.urlopen('http://127.0.0.1:' + os.environ['COMMENTBOX_PORT'] + '/healthz', timeout=2)"]
ENTRYPOINT ["commentbox"]
CMD ["serve"]
