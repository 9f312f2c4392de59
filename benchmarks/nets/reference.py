"""The nets of SmartEdit in PyTorch, diffusers and transformers: writes random weights, inputs and
outputs for the Java side to load and compare, and times each net.

Usage: reference.py FOLDER THREADS REPETITIONS   (prints one JSON line a case)
"""
import json, statistics, sys, time
from pathlib import Path

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from safetensors.torch import save_file
from torch.utils.flop_counter import FlopCounterMode
from transformers import CLIPVisionConfig, CLIPVisionModel, LlamaConfig
from transformers.models.llama.modeling_llama import LlamaDecoderLayer, LlamaRotaryEmbedding

folder, threads, repetitions = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
torch.set_num_threads(threads)
torch.manual_seed(1)
folder.mkdir(parents=True, exist_ok=True)


def case(name, run, **tensors):
    with torch.inference_mode():
        output = run()
        run()
        times = []
        for _ in range(repetitions):
            start = time.perf_counter()
            run()
            times.append(time.perf_counter() - start)
    tensors = {k: v.contiguous() for k, v in tensors.items()} | {"output": output.contiguous()}
    save_file(tensors, folder / f"{name}.case.safetensors")
    print(json.dumps({"case": name, "seconds": statistics.median(times)}), flush=True)


def weights(name, net):
    state = {k: v.contiguous() for k, v in net.state_dict().items() if "position_ids" not in k}
    save_file(state, folder / f"{name}.safetensors")


def step(name, net, x, text, timestep, gradient):
    """Forward, mean square, backward; the output is one weight's gradient."""
    def run():
        net.zero_grad()
        net(x, timestep, text).sample.square().mean().backward()
        return gradient.grad

    with FlopCounterMode(display=False) as counter:
        output = run().clone()
    times = []
    for _ in range(repetitions):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    save_file({"x": x, "text": text, "output": output}, folder / f"{name}.case.safetensors")
    print(json.dumps({"case": name, "seconds": statistics.median(times),
                      "flops": counter.get_total_flops()}), flush=True)


mini = UNet2DConditionModel(
    sample_size=16, in_channels=32, out_channels=16, block_out_channels=(64, 128), layers_per_block=2,
    down_block_types=("CrossAttnDownBlock2D",) * 2, up_block_types=("CrossAttnUpBlock2D",) * 2,
    cross_attention_dim=128, attention_head_dim=4, norm_num_groups=16)
weights("mini-unet", mini)
step("mini-unet-step", mini, torch.randn(32, 32, 16, 16), torch.randn(32, 16, 128), torch.tensor([500] * 32),
     mini.conv_in.weight)
del mini

unet = UNet2DConditionModel(
    sample_size=32, in_channels=8, out_channels=4, block_out_channels=(320, 640, 1280, 1280),
    cross_attention_dim=768, attention_head_dim=8).eval()
weights("unet", unet)
for side in (32, 64):
    x, text = torch.randn(3, 8, side, side), torch.randn(3, 77, 768)
    case(f"unet-{side}", lambda: unet(x, torch.tensor([500.5] * 3), text).sample, x=x, text=text)
del unet

vae = AutoencoderKL(
    block_out_channels=(128, 256, 512, 512), latent_channels=4, layers_per_block=2,
    down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4).eval()
weights("vae", vae)
pixels, latents = torch.randn(1, 3, 256, 256), torch.randn(1, 4, 32, 32)
case("vae-encode", lambda: vae.encode(pixels).latent_dist.mean, x=pixels)
case("vae-decode", lambda: vae.decode(latents).sample, x=latents)
del vae

clip = CLIPVisionModel(CLIPVisionConfig(
    hidden_size=1024, intermediate_size=4096, num_hidden_layers=24, num_attention_heads=16,
    image_size=224, patch_size=14, hidden_act="quick_gelu")).eval()
weights("clip", clip)
# The last layer is not needed; transformers runs it anyway, so it is taken out for a fair race.
clip.vision_model.encoder.layers = clip.vision_model.encoder.layers[:-1]
picture = torch.randn(1, 3, 224, 224)
case("clip", lambda: clip(picture, output_hidden_states=True).hidden_states[-1][:, 1:], x=picture)
del clip

config = LlamaConfig(hidden_size=4096, intermediate_size=11008, num_attention_heads=32,
                     num_hidden_layers=1, attn_implementation="sdpa", _attn_implementation="sdpa")
layer = LlamaDecoderLayer(config, 0).eval()
weights("llama", layer)
states, positions = torch.randn(1, 386, 4096), torch.arange(386)[None]
rotary = LlamaRotaryEmbedding(config=config)
for name, dtype in (("llama-fp32", torch.float32), ("llama-bf16", torch.bfloat16)):
    net, x = layer.to(dtype), states.to(dtype)
    embeddings = rotary(x, positions)
    case(name, lambda: net(x, position_ids=positions, position_embeddings=embeddings)[0], x=x)
