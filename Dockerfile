# Two images from one file: `web` (also the scheduler) carries no machine learning, `worker` adds it.
#
#   docker build --target web -t weimian-web .
#   docker build --target worker -t weimian-worker .
#
# This file has been linted, never run where it was built: no container engine was there. The checks are in
# tests/architecture/test_containers.py; a first build by a person is still owed.

ARG PYTHON=3.11-slim-bookworm
ARG NODE=20-bookworm-slim

# --- What both images share ------------------------------------------------------------------------------------
FROM python:${PYTHON} AS base
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PROFILE=production \
    DATA_DIR=/data \
    MODEL_CACHE_DIR=/models
RUN groupadd --gid 10001 weimian \
    && useradd --uid 10001 --gid weimian --no-create-home --home-dir /data --shell /usr/sbin/nologin weimian \
    && install -d -o weimian -g weimian -m 0700 /data /models
WORKDIR /srv/weimian

# --- Libraries, built apart so that no compiler or cache reaches the images ---------------------------------------
FROM base AS web-libraries
WORKDIR /build
COPY requirements/ requirements/
RUN python -m venv /opt/venv \
    && pip install --no-cache-dir --no-deps -r requirements/web.txt

FROM web-libraries AS worker-libraries
# The CPU build of torch; set TORCH_INDEX to a mirror, or to an index of CUDA builds with their libraries.
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
RUN pip install --no-cache-dir --no-deps --extra-index-url "${TORCH_INDEX}" -r requirements/worker.txt

# --- The candidate's pages: Node stays here, the web image takes what it built ------------------------------------
FROM node:${NODE} AS pages
WORKDIR /build
COPY clients/miniprogram/package.json clients/miniprogram/package-lock.json clients/miniprogram/.npmrc ./
RUN npm ci
COPY clients/miniprogram/ ./
RUN npm run build && test -f dist/build/h5/index.html

# --- The product -----------------------------------------------------------------------------------------------
FROM base AS product
COPY wsgi.py ./
COPY config/ config/
COPY app/ app/
COPY tenants/ tenants/
COPY wechat/ wechat/
COPY workers/ workers/
COPY migrations/ migrations/

FROM product AS web
# Pango lays out reports as PDF; the fonts are Chinese and Latin.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-wqy-zenhei fonts-liberation \
    && rm -rf /var/lib/apt/lists/*
COPY --from=web-libraries /opt/venv /opt/venv
COPY --from=pages /build/dist/build/h5/ clients/miniprogram/dist/build/h5/
USER 10001:10001
VOLUME ["/data"]
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/api/v1/health/ready', timeout=4)"]
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--workers", "2", \
     "--blocking-threads", "64", "wsgi:app"]

FROM product AS worker
COPY --from=worker-libraries /opt/venv /opt/venv
# No system package: the worker's libraries bring their own (OpenCV without a screen, PyAV with its FFmpeg, LiteRT), beside
# libstdc++, libgcc and zlib of the base. The face networks lie in workers/analysis/weights. FunASR and DeepFace fetch their
# models on first use, into the volume /models, which can be filled by hand.
USER 10001:10001
VOLUME ["/data", "/models"]
# A worker is one process with no port: that it lives is what an engine can see; /api/v1/health says whether it serves.
HEALTHCHECK NONE
CMD ["python", "-m", "workers.runtime", "analysis"]
