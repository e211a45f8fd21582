"""Images made in a test, and a docker-registry on loopback to pull them from."""

import gzip
import hashlib
import io
import json
import subprocess
import tarfile
import urllib.request

from platform_server import free_port, wait_until

MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json"


def tar_of(files):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for path, content in files.items():
            member = tarfile.TarInfo(path)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return out.getvalue()


class Layer:
    """One layer as images refer to it, compressed once for all of them."""

    def __init__(self, tar):
        self.diff_id = "sha256:" + hashlib.sha256(tar).hexdigest()
        self.bytes = gzip.compress(tar, 1, mtime=0)


class Image:
    """An OCI image: its blobs by digest, the descriptor of its manifest and that of its configuration."""

    def __init__(self, layers, history):
        self.blobs = {}
        self.config = self._add(json.dumps({
            "architecture": "arm64", "os": "linux", "created": "2024-01-02T03:04:05Z",
            "config": {"Cmd": ["/bin/bash"], "Labels": {"maintainer": "nobody"}}, "history": history,
            "rootfs": {"type": "layers", "diff_ids": [layer.diff_id for layer in layers]},
        }).encode(), "application/vnd.oci.image.config.v1+json")
        self.manifest_bytes = json.dumps({
            "schemaVersion": 2, "mediaType": MANIFEST_TYPE, "config": self.config,
            "layers": [self._add(layer.bytes, "application/vnd.oci.image.layer.v1.tar+gzip") for layer in layers],
        }).encode()
        self.digest = "sha256:" + hashlib.sha256(self.manifest_bytes).hexdigest()

    def _add(self, content, media_type):
        digest = "sha256:" + hashlib.sha256(content).hexdigest()
        self.blobs[digest] = content
        return {"mediaType": media_type, "digest": digest, "size": len(content)}


def make_layout(folder, layers, history):
    """An OCI layout with one image, named "image"; returns the digests of its manifest and its configuration."""
    image = Image([Layer(layer) for layer in layers], history)
    blobs = folder / "blobs/sha256"
    blobs.mkdir(parents=True)
    for digest, content in (image.blobs | {image.digest: image.manifest_bytes}).items():
        (blobs / digest.removeprefix("sha256:")).write_bytes(content)
    (folder / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}')
    (folder / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [{
        "mediaType": MANIFEST_TYPE, "digest": image.digest, "size": len(image.manifest_bytes),
        "annotations": {"org.opencontainers.image.ref.name": "image"}}]}))
    return image.digest, image.config["digest"].removeprefix("sha256:")


class Registry:
    """docker-registry on a free port of loopback, with its data in `folder`."""

    def __init__(self, folder):
        self.host = f"127.0.0.1:{free_port()}"
        self.uploaded = set()
        config = folder / "registry.yml"
        config.write_text(f"version: 0.1\nstorage:\n  filesystem:\n    rootdirectory: {folder}/data\n"
                          f"http:\n  addr: {self.host}\n")
        self.process = subprocess.Popen(["docker-registry", "serve", config], stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        wait_until(self._answers, "the registry")

    def _answers(self):
        try:
            return urllib.request.urlopen(f"http://{self.host}/v2/", timeout=5).status == 200
        except OSError:
            return False

    def push(self, layout, name):
        subprocess.run(["skopeo", "copy", "-q", "--dest-tls-verify=false", f"oci:{layout}:image",
                        f"docker://{self.host}/{name}"], check=True)

    def upload(self, image, repository, tag):
        """Pushes hundreds of images in the time in which skopeo pushes a few: a blob goes to a repository once."""
        for digest, content in image.blobs.items():
            if (repository, digest) in self.uploaded:
                continue
            place = self._send("POST", f"/v2/{repository}/blobs/uploads/").headers["Location"]
            self._send("PUT", place + ("&" if "?" in place else "?") + "digest=" + digest, content)
            self.uploaded.add((repository, digest))
        self._send("PUT", f"/v2/{repository}/manifests/{tag}", image.manifest_bytes, MANIFEST_TYPE)
        return f"{self.host}/{repository}:{tag}"

    def _send(self, method, place, body=b"", media_type="application/octet-stream"):
        url = place if place.startswith("http") else f"http://{self.host}{place}"
        request = urllib.request.Request(url, body, {"Content-Type": media_type}, method=method)
        return urllib.request.urlopen(request, timeout=60)

    def stop(self):
        self.process.terminate()
        self.process.wait()
