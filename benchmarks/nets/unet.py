"""Stable Diffusion 1.5's UNet in PyTorch and diffusers: writes random weights, inputs and output for the Java side, and times
a call of three rows of 32x32 latents in fp32, bf16, bf16 channels-last, and that compiled.

Usage: unet.py FOLDER THREADS REPETITIONS   (prints one JSON line a way)
"""
import json, statistics, sys, time
from pathlib import Path

import torch
from diffusers import UNet2DConditionModel
from safetensors.torch import save_file

folder, threads, repetitions = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
torch.set_num_threads(threads)
torch.manual_seed(1)
folder.mkdir(parents=True, exist_ok=True)
unet = UNet2DConditionModel(
    sample_size=32, in_channels=8, out_channels=4, block_out_channels=(320, 640, 1280, 1280),
    cross_attention_dim=768, attention_head_dim=8).eval()
if not (folder / "unet.safetensors").exists():
    save_file({k: v.contiguous() for k, v in unet.state_dict().items()}, folder / "unet.safetensors")
x, text, timesteps = torch.randn(3, 8, 32, 32), torch.randn(3, 77, 768), torch.tensor([500.5] * 3)


def time_of(name, net, x, text):
    with torch.inference_mode():
        output = net(x, timesteps, text).sample
        net(x, timesteps, text)
        times = []
        for _ in range(repetitions):
            start = time.perf_counter()
            net(x, timesteps, text)
            times.append(time.perf_counter() - start)
    print(json.dumps({"way": name, "seconds": statistics.median(times)}), flush=True)
    return output


output = time_of("fp32", unet, x, text)
save_file({"x": x, "text": text, "output": output.contiguous()}, folder / "unet.case.safetensors")
unet, x, text = unet.bfloat16(), x.bfloat16(), text.bfloat16()
time_of("bf16", unet, x, text)
unet, x = unet.to(memory_format=torch.channels_last), x.to(memory_format=torch.channels_last)
time_of("bf16 channels-last", unet, x, text)
# One form of a block for each place it stands at.
torch._dynamo.config.recompile_limit = 64
time_of("bf16 channels-last compiled", torch.compile(unet), x, text)
