"""Writes the adapters and golden.safetensors; run in this folder: python make.py (diffusers 0.31.0, peft 0.13.2, torch 2.7.1)."""
import copy
import json
import pathlib

import torch
from diffusers import UNet2DConditionModel
from diffusers.loaders import StableDiffusionLoraLoaderMixin as Loader
from peft import LoraConfig, get_peft_model
from peft.utils import get_peft_model_state_dict
from safetensors.torch import save_file

TOY = pathlib.Path("../parity/tiny")
HERE = pathlib.Path(".")
CONFIG = UNet2DConditionModel.load_config(TOY / "instruct-pix2pix/unet")
STORED = torch.load(TOY / "smartedit/unet-15000/adapter_model.bin", map_location="cpu")


def unet():
    net = UNet2DConditionModel.from_config(CONFIG)
    net.load_state_dict({k.removeprefix("unet."): v.float() for k, v in STORED.items()})
    return net.eval()


def filled(state, seed, spread):
    """Both halves random: PEFT starts one with zeros."""
    generator = torch.Generator().manual_seed(seed)
    return {k: (spread * torch.randn(v.shape, generator=generator)).half().float() for k, v in state.items()}


def layers(config, seed, spread):
    net = get_peft_model(unet(), config)
    state = filled(get_peft_model_state_dict(net), seed, spread)
    return net, state


def run(net, x, timesteps, text):
    with torch.no_grad():
        return net(x, timesteps, text).sample


generator = torch.Generator().manual_seed(5)
x = torch.randn(2, 8, 8, 8, generator=generator)
timesteps = torch.tensor([731.0, 12.0])
text = torch.randn(2, 77, 48, generator=generator)
golden = {"x": x, "timesteps": timesteps, "text": text, "plain": run(unet(), x, timesteps, text)}

# PEFT's own folder: attention only, alpha in adapter_config.json
config = LoraConfig(r=3, lora_alpha=6, target_modules=["to_q", "to_k", "to_v", "to_out.0"])
net, state = layers(config, 1, 0.3)
net.load_state_dict({k.replace(".weight", ".default.weight"): v for k, v in state.items()}, strict=False)
net.save_pretrained(HERE / "peft")
(HERE / "peft/README.md").unlink()
golden["peft"] = run(net, x, timesteps, text)

# diffusers' file: convolutions too, no alpha
config = LoraConfig(r=2, target_modules=["to_q", "conv1", "conv_in", "downsamplers.0.conv", "upsamplers.0.conv", "proj_in", "ff.net.0.proj", "time_emb_proj"])
_, state = layers(config, 2, 0.2)
diffusers = {"unet." + k.removeprefix("base_model.model."): v for k, v in state.items()}
save_file({k: v.half() for k, v in diffusers.items()}, HERE / "diffusers.safetensors", {"format": "pt"})

# kohya's file: its own names, an alpha for every layer, and a text encoder's layers
config = LoraConfig(r=4, target_modules=["to_k", "to_v", "to_out.0", "proj_in", "proj_out", "ff.net.2"])
_, state = layers(config, 3, 0.3)
kohya = {}
for key, value in state.items():
    stem, half = key.removeprefix("base_model.model.").removesuffix(".weight").rsplit(".lora_", 1)
    name = "lora_unet_" + stem.replace(".", "_")
    kohya[name + (".lora_down.weight" if half == "A" else ".lora_up.weight")] = value.half()
    kohya[name + ".alpha"] = torch.tensor(2.0)
te = "lora_te_text_model_encoder_layers_0_self_attn_q_proj"
with_text = dict(kohya)
with_text[te + ".lora_down.weight"] = torch.zeros(4, 48).half()
with_text[te + ".lora_up.weight"] = torch.zeros(48, 4).half()
with_text[te + ".alpha"] = torch.tensor(2.0)
save_file(with_text, HERE / "kohya.safetensors", {"ss_network_module": "networks.lora"})


def loaded(*files):
    net = unet()
    for file in files:
        state, alphas = Loader.lora_state_dict(str(HERE / file))
        Loader.load_lora_into_unet(state, alphas, net, adapter_name=file.split(".")[0])
    return net


for name in ("diffusers", "kohya"):
    net = loaded(name + ".safetensors")
    golden[name] = run(net, x, timesteps, text)
    net.set_adapters([name], [-0.7])
    golden[name + ".-0.7"] = run(net, x, timesteps, text)
net = loaded("diffusers.safetensors", "kohya.safetensors")
net.set_adapters(["diffusers", "kohya"], [0.5, 1.5])
golden["diffusers.0.5.kohya.1.5"] = run(net, x, timesteps, text)
save_file({k: v.contiguous() for k, v in golden.items()}, HERE / "golden.safetensors")
for k, v in golden.items():
    print(k, tuple(v.shape), float(v.abs().max()), float((v - golden["plain"]).abs().max()) if v.shape == golden["plain"].shape else "")
