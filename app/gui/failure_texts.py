"""Errors in the words of the window: with remedies among its own controls, and in the user's language.

Messages of errors are written for the command line, in one place each, where they are raised. This table puts those
that the window can meet into its words; `{gaps}` stand for what differs from case to case. What it does not list is
shown as it is. Tests hold the table to the messages in the code, so that neither goes without the other.
"""

import re
from functools import cache

from app.gui.texts import tr


def in_the_windows_words(message: str) -> str:
    """An error's message as the window shows it."""
    for template, text in _texts().items():
        match = _pattern(template).fullmatch(message)
        if match is not None:
            return text.format(**match.groupdict())
    return message


@cache
def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", template)
    return re.compile("".join(f"(?P<{p}>.+?)" if i % 2 else re.escape(p) for i, p in enumerate(parts)), re.DOTALL)


def _texts() -> dict[str, str]:
    return _of_sources() | _of_networks() | _of_weights() | _of_outputs() | _of_settings() | _unexpected()


def _of_sources() -> dict[str, str]:
    unreadable = tr("{path} cannot be read: {reason}. Check its permissions, or choose something else under Source.")
    undecodable = tr("The picture {path} is damaged or of an unknown kind. Save it anew as JPEG or PNG.")
    no_answer = tr("{source} does not answer: {reason}. Check the address and the network, then press Try again.")
    return {
        "nothing is named as input; give a video, a picture, a folder, a camera's number or a URL": tr(
            "Nothing is named as input. Choose a camera, a file or a stream under Source."
        ),
        "{path} does not exist; check the path": tr("{path} does not exist. Choose another file under Source."),
        "{path} does not exist; check the path, or begin an address with rtsp:// or http://": tr(
            "{path} does not exist. If it is meant as an address, open it anew with rtsp:// or http:// before it; else "
            "choose another file under Source."
        ),
        "{url} is no address ({reason}); check how it is written": tr(
            "{url} is no address: {reason}. Check how it is written, and open it anew under Source."
        ),
        "{path} is empty (0 bytes); copy or export it again": tr(
            "{path} is empty. Copy it again, or choose another file under Source."
        ),
        "{path} is not a file; give a video, a picture or a folder of pictures": tr(
            "{path} is neither a file nor a folder. Choose a video, a picture or a folder under Source."
        ),
        "{path} holds no pictures; give a folder with some (subfolders are not entered)": tr(
            "There are no pictures in {path}; folders inside it are not searched. Choose another folder under Source."
        ),
        "none of the {count} pictures in {path} can be read; save them anew as JPEG": tr(
            "None of the {count} pictures in {path} can be read. Save them anew as JPEG, or choose another folder."
        ),
        "cannot read {path}: {reason}; check its permissions": unreadable,
        "cannot read {path}: {reason}; check the path and its permissions": unreadable,
        "cannot list {path}: {reason}; check the folder's permissions": unreadable,
        "{path} is damaged or not a picture; save it anew as JPEG or PNG": undecodable,
        "{path} cannot be decoded ({reason}); save it anew as JPEG or PNG": undecodable,
        "{path} is text, not a video or a picture; give one of those": tr(
            "{path} is text. Choose a video or a picture under Source."
        ),
        "{path} is a HEIF picture, stored as tiles; save it as JPEG or PNG first": tr(
            "{path} is a HEIF picture, which cannot be read here. Save it as JPEG or PNG first."
        ),
        "{path} holds {what}; give a file with a video stream in it": tr(
            "There is no video in {path}. Choose another file under Source."
        ),
        "{path} is coded in a way that cannot be decoded here; convert it to H.264": tr(
            "{path} is coded in a way that cannot be played here. Convert it to H.264."
        ),
        "no frame of {path} can be decoded; the file is damaged or holds no frames": tr(
            "Nothing in {path} can be played: it is damaged or empty. Choose another file under Source."
        ),
        "cannot open {path}: {reason}; check that it is a video or a picture, complete and not encrypted": tr(
            "{path} does not open: {reason}. Check that it is a video or a picture, complete and not encrypted."
        ),
        "reading {path} stopped: {reason}; check the disk or network and start again": tr(
            "Reading {path} stopped: {reason}. Check the disk or the network, then press Try again."
        ),
        "cannot open {source}: {reason}; check the address and the network": no_answer,
        "{source} sends no video; check the address": tr("{source} sends no video. Check the address."),
        "camera {index} does not open; check that it is connected, that no other program uses it and that this one is "
        "allowed to": tr(
            "Camera {index} does not open. Check that it is connected, that no other program uses it and that this one "
            "is allowed to, then press Try again."
        ),
        "{source} opens but sends no picture; unplug it and plug it in again, or close other programs": tr(
            "No picture comes from {source}. Unplug it and plug it in again, or close other programs that use it, then "
            "press Try again."
        ),
        "{source} opens but sends no picture; check that its sender is running, and the network": tr(
            "No picture comes from {source}. Check that its sender is running, and the network, then press Try again."
        ),
        "{source} has sent nothing for {seconds} s; check its cable or the network and start again": tr(
            "{source} has sent nothing for {seconds} seconds. Check its cable or the network, then press Try again."
        ),
    }


def _of_networks() -> dict[str, str]:
    damaged_graph = tr("The prepared network {path} cannot be used: {reason}. Delete that file and press Try again.")
    return {
        "no engine is named {name}; {advice}": tr(
            "There is no engine named {name}. Choose Automatic as Engine under Settings."
        ),
        "no detector is named {name}; {advice}": tr(
            "There is no detector named {name}. Choose another Detector under Settings."
        ),
        "device cuda: PyTorch finds no NVIDIA GPU or driver; update the driver or use --device cpu": tr(
            "No NVIDIA GPU, or no driver for it, was found. Update the driver, or choose Automatic or CPU as Device "
            "under Settings."
        ),
        "device cuda: this PyTorch is built without CUDA; install a CUDA build (see README.md) or use --device cpu": tr(
            "The PyTorch on this machine cannot use an NVIDIA GPU. Install a build of it with CUDA (README.md tells "
            "how), or choose Automatic or CPU as Device under Settings."
        ),
        "device mps: it needs a Mac with Apple silicon or a supported GPU; use --device cpu": tr(
            "MPS needs a Mac with Apple silicon. Choose Automatic or CPU as Device under Settings."
        ),
        "engine onnxruntime cannot use device {device}; {advice} or use --device cpu": tr(
            "The engine onnxruntime cannot use the device {device} here. Choose Automatic as Engine, or CPU as Device, "
            "under Settings."
        ),
        "engine openvino runs on the CPU alone; use --device cpu or --engine torch for {device}": tr(
            "The engine openvino runs on the CPU alone. Choose Automatic as Engine, or CPU as Device, under Settings."
        ),
        "engine torch-fp16 needs a GPU, for CPUs compute in 16 bits no faster; use --engine torch or --device cuda": tr(
            "The engine torch-fp16 needs a GPU. Choose Automatic as Engine under Settings."
        ),
        "engine {engine}: this {part} has no bfloat16 arithmetic; use --engine {other}": tr(
            "The engine {engine} needs bfloat16 arithmetic, which this {part} does not have. Choose Automatic as "
            "Engine under Settings."
        ),
        "engine onnxruntime cannot run {path}: {reason}; delete that file and try again": damaged_graph,
        "engine openvino cannot run {path}: {reason}; delete that file and try again": damaged_graph,
        "cannot export {name} to ONNX: {reason}; {advice}, or use --engine torch": tr(
            "The network of {name} cannot be prepared: {reason}. Update the packages onnx, onnxscript and onnxruntime, "
            "or choose torch as Engine under Settings."
        ),
        "the ONNX graph of {name} disagrees with PyTorch by {amount}; {advice}, or use --engine torch": tr(
            "The network of {name} was prepared and gives other answers than it should. Update the packages onnx, "
            "onnxscript and onnxruntime, or choose torch as Engine under Settings."
        ),
        "ONNX export needs {package}; install it: pip install --upgrade onnx onnxscript": tr(
            "To prepare the network the package {package} is needed, which is not installed or too old. Install it "
            "(pip install --upgrade onnx onnxscript), or choose torch as Engine under Settings."
        ),
        "cannot store the graph {path}: {reason}; make room or use --engine torch": tr(
            "The prepared network {path} cannot be stored: {reason}. Make room on the disk, or choose torch as Engine "
            "under Settings."
        ),
        "detector {name} needs the package {package}, which cannot be imported ({reason}); run pip install -r "
        "requirements.txt or choose another --detector": tr(
            "The detector {name} needs the package {package}, which is missing or broken. Install the packages of "
            "requirements.txt, or choose another Detector under Settings."
        ),
        "detector {name} cannot be loaded from {path}: {reason}; run python main.py weights verify or choose another "
        "--detector": tr(
            "The detector {name} cannot be loaded: {path} is damaged. Delete that file and press Try again to download "
            "it anew, or choose another Detector under Settings."
        ),
    }


def _of_weights() -> dict[str, str]:
    failed_fetch = "; try again, or download {url} elsewhere and import it: {command}"
    broken = tr("The download of {name} broke off. Press Try again: it goes on where it ended.")
    refused = tr("{name} cannot be downloaded: the server answered {reason}. Try again later, or choose another model.")
    no_model = tr("There is no model named {name}. Choose another Model under Settings.")
    return {
        "no weight set is named {name}; {advice}": no_model,
        "no weights are known for the network {name}; {advice}": no_model,
        "{name} is a file, not a weight set; {advice}": no_model,
        "{name} finds people, not their joints; {advice}": no_model,
        "{path} is damaged: {reason}; fetch it: python main.py weights fetch {name}": tr(
            "The weights {path} are damaged. Delete that file and press Try again to download it anew."
        ),
        "{path} is damaged: {reason}; import it again: {command}": tr(
            "The weights {path}, which you imported, are damaged. Import them again, or choose another Model under "
            "Settings."
        ),
        "the weights {names} are not on this machine; {advice}": tr(
            "The weights {names} are not on this machine. Choose that model in the window first: their download is "
            "then offered."
        ),
        f"cannot fetch {{name}}: no network, or {{host}} is out of reach{failed_fetch}": tr(
            "{name} cannot be downloaded: there is no network, or {host} is out of reach. Check the connection and "
            "press Try again."
        ),
        f"cannot fetch {{name}}: the bundle of certificates holds none; {{advice}}{failed_fetch}": tr(
            "{name} cannot be downloaded: the file that the environment variable REQUESTS_CA_BUNDLE names holds no "
            "certificate. Correct or unset it and start again."
        ),
        f"cannot fetch {{name}}: the certificate of {{host}} is not trusted; {{advice}}{failed_fetch}": tr(
            "{name} cannot be downloaded: the certificate of {host} is not trusted, as where a network puts its own in "
            "between. Name that one in the environment variable REQUESTS_CA_BUNDLE and start again."
        ),
        f"cannot fetch {{name}}: the proxy on the way to {{host}} fails; {{advice}}{failed_fetch}": tr(
            "{name} cannot be downloaded: the proxy on the way to {host} fails. Correct or remove the environment "
            "variables HTTPS_PROXY and HTTP_PROXY and start again."
        ),
        f"cannot fetch {{name}}: {{host}} does not answer{failed_fetch}": tr(
            "{name} cannot be downloaded: {host} does not answer. Press Try again in a while."
        ),
        f"cannot fetch {{name}}: the connection to {{host}} broke after {{count}} bytes{failed_fetch}": broken,
        f"cannot fetch {{name}}: {{address}} answered {{reason}}{failed_fetch}": refused,
        f"cannot fetch {{name}} from {{address}}: {{reason}}{failed_fetch}": refused,
        "{name} is not what {weights} needs: {reason}; it was removed, fetch it again": tr(
            "What came as {name} is not the right file, and it was removed. Press Try again."
        ),
        "no address is known for {name}; if you have the file, import it: {command}": tr(
            "Nobody publishes {name} any more. If you have the file, import it with: {command}"
        ),
        "{variable} names {path}, which is no folder; correct or unset it": tr(
            "The environment variable {variable} names {path}, which is no folder. Correct or remove it and start "
            "again."
        ),
        "{variable} names {path}, and there is no such home; correct or unset it": tr(
            "The environment variable {variable} names {path}, and there is no such home. Correct or remove it and "
            "start again."
        ),
        "cannot write {path}: {reason}; make room or permit it, or name another folder in {variable}": tr(
            "{path} cannot be written: {reason}. Make room on the disk or permit it, then press Try again."
        ),
    }


def _of_outputs() -> dict[str, str]:
    return {
        "cannot write {path}: {reason}; check its folder's permissions and the disk's free space": tr(
            "{path} cannot be written: {reason}. Choose another Folder under Settings, or make room on the disk."
        ),
        "cannot encode {path}: H.264 takes no pictures of {size} pixels; give smaller ones, or a folder for pictures": (
            tr("Pictures of {size} pixels are too large for a video. Choose a smaller Resolution under Settings.")
        ),
        "nothing is chosen to record: record_video, record_keypoints and record_angles are all off; switch one of them "
        "on": tr(
            "There is nothing to record: Record video, Record keypoints and Record joint angles are all off. Switch "
            "one of them on under Settings."
        ),
        "cannot send OSC to {address}: {reason}; check the host's name": tr(
            "OSC cannot be sent to {address}: {reason}. Correct OSC receiver under Settings."
        ),
        "cannot listen on {address} for WebSocket: {reason}; choose another port": tr(
            "{address} cannot be used for WebSocket: {reason}. Give another port as WebSocket address under Settings."
        ),
        "a virtual camera needs the package pyvirtualcam, which is not installed; run: pip install pyvirtualcam": tr(
            "A virtual camera needs the package pyvirtualcam, which is not installed. Install it (pip install "
            "pyvirtualcam), start again and switch Virtual camera on."
        ),
        "no virtual camera takes {size} pixels; {advice}": tr(
            "There is no virtual camera that takes {size} pixels. To get one: {advice}. Then switch Virtual camera off "
            "and on again."
        ),
        "the virtual camera {name} is gone ({reason}); start it again": tr(
            "The virtual camera {name} is gone. Switch Virtual camera off and on again under Settings."
        ),
        "{text} is no address; write HOST:PORT, such as {example}": tr(
            "{text} is no address. Write HOST:PORT, such as {example}."
        ),
        "{text} has no port from 1 to 65535; write HOST:PORT, such as {example}": tr(
            "{text} has no port from 1 to 65535. Write HOST:PORT, such as {example}."
        ),
    }


def _of_settings() -> dict[str, str]:
    unread = tr(
        "The settings in {path} cannot be read: {reason}. The defaults are used meanwhile; the next change replaces "
        "the file, and what it holds is kept beside it as settings.bad.yaml."
    )
    return {
        "cannot read the settings {path}: {reason}; correct the file or delete it": unread,
        "setting {key}: {reason}; correct it on the command line or in {path}": tr(
            "The setting {key} in {path} is not valid: {reason}. The defaults are used meanwhile; the next change "
            "replaces the file, and what it holds is kept beside it as settings.bad.yaml."
        ),
        "cannot write the settings {path}: {reason}; check the folder's permissions": tr(
            "Your settings cannot be kept: {path} cannot be written ({reason}). Check the folder's permissions."
        ),
    }


def _unexpected() -> dict[str, str]:
    return {"An unexpected error occurred: {reason}": tr("An unexpected error occurred: {reason}")}
