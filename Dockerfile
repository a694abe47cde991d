# The service (docs/service.md) on processors. Build it in a checkout:
#     docker build -t lowface .
#     docker run --rm --read-only --tmpfs /tmp --cap-drop ALL -p 127.0.0.1:8000:8000 lowface

FROM python:3.12.11-slim-bookworm AS build
ARG TORCH=2.14.1
ARG TORCHVISION=0.29.1
ARG OPENCV=5.0.0.93
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/lowface
ENV PATH=/opt/lowface/bin:$PATH
# first what changes rarely; torch without CUDA is a tenth of the size
RUN pip install --index-url https://download.pytorch.org/whl/cpu "torch==${TORCH}" "torchvision==${TORCHVISION}"
WORKDIR /src
COPY pyproject.toml setup.py README.md LICENSE ./
COPY configs configs
COPY lowface_core lowface_core
COPY plugins plugins
# opencv-python needs libraries of a desktop; the headless one is the same module without windows
RUN pip install "/src[serve]" \
    && pip uninstall --yes opencv-python \
    && pip install "opencv-python-headless==${OPENCV}"

FROM python:3.12.11-slim-bookworm
RUN useradd --system --uid 10001 --no-create-home --home-dir /tmp --shell /usr/sbin/nologin lowface
COPY --from=build /opt/lowface /opt/lowface
# nothing is fetched: the weights that ship are inside, others are mounted; what is kept lies in memory
ENV PATH=/opt/lowface/bin:$PATH \
    LOWFACE_HOME=/tmp/lowface \
    LOWFACE_OFFLINE=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
USER 10001
WORKDIR /tmp
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/health', timeout=4)"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["lowface", "serve", "--host", "0.0.0.0", "--device", "cpu"]
