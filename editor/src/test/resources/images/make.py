"""Writes the image files of ImageFilesTest and what a reference decoder makes of them."""
import io, os, struct, sys, zlib
import numpy as np, PIL
from PIL import Image as I, ImageCms, ImageOps, PngImagePlugin
import imagecodecs, tifffile
OUT=sys.argv[1]; os.makedirs(OUT,exist_ok=True)
W,H=47,33
y,x=np.mgrid[0:H,0:W]
rng=np.random.default_rng(7)
base=np.stack([127+110*np.sin(x/7+y/13),127+110*np.cos(x/9-y/5),127+110*np.sin((x+y)/4)],-1)
base[5:14,6:20]=[255,20,10]; base[15:28,25:40]=[10,200,30]; base=(base+rng.normal(0,6,base.shape)).clip(0,255).astype(np.uint8)
rgb=I.fromarray(base); alpha=np.clip(np.tile(np.linspace(-40,300,W),(H,1)),0,255).astype(np.uint8)
rgba=I.fromarray(np.dstack([base,alpha])); grey=rgb.convert('L')
P3=imagecodecs.cms_profile('rgb',whitepoint=[.3127,.3290,1],primaries=[.680,.320,.2974,.265,.690,.6917,.150,.060,.0793],transferfunction=None,gamma=2.2)
ADOBE=imagecodecs.cms_profile('adobergb'); SRGB=ImageCms.ImageCmsProfile(ImageCms.createProfile('sRGB')).tobytes()
GREY18=imagecodecs.cms_profile('gray',gamma=1.8)
def white(im):
    im=im.convert('RGBA'); a=np.asarray(im).astype(int); al=a[...,3:]
    return I.fromarray(((a[...,:3]*al+255*(255-al)+127)//255).astype(np.uint8))
def to_srgb(im,icc):
    src=ImageCms.ImageCmsProfile(io.BytesIO(icc)); mode='RGB'
    if im.mode=='RGBA':
        c=ImageCms.profileToProfile(im.convert('RGB'),src,ImageCms.createProfile('sRGB'),outputMode='RGB'); c.putalpha(im.getchannel('A')); return c
    return ImageCms.profileToProfile(im,src,ImageCms.createProfile('sRGB'),outputMode='RGB')
def put(name,data,ref=None,icc=None):
    open(f'{OUT}/{name}','wb').write(data)
    if ref is None:
        ref=I.open(io.BytesIO(data)); ref.load(); ref=ImageOps.exif_transpose(ref)
        if icc: ref=to_srgb(ref,icc)
        ref=white(ref) if ref.mode in('RGBA','LA','PA','P') or 'transparency' in ref.info else ref.convert('RGB')
    ref.save(f'{OUT}/{name}.expected.png',optimize=True)
def enc(im,fmt,**k):
    b=io.BytesIO(); im.save(b,fmt,**k); return b.getvalue()
def chunk(t,d): return struct.pack('>I',len(d))+t+d+struct.pack('>I',zlib.crc32(t+d))
def with_chunks(png,*cs): return png[:33]+b''.join(chunk(t,d) for t,d in cs)+png[33:]
# WebP, lossy and lossless
put('lossy-75.webp',enc(rgb,'WEBP',quality=75)); put('lossy-10.webp',enc(rgb,'WEBP',quality=10)); put('lossy-95-method-6.webp',enc(rgb,'WEBP',quality=95,method=6))
put('lossless.webp',enc(rgb,'WEBP',lossless=True)); put('lossy-alpha.webp',enc(rgba,'WEBP',quality=80)); put('lossless-alpha.webp',enc(rgba,'WEBP',lossless=True,exact=True))
put('p3.webp',enc(rgb,'WEBP',lossless=True,icc_profile=P3),icc=P3)
# Profiles
put('p3.png',enc(rgb,'PNG',icc_profile=P3),icc=P3); put('p3-alpha.png',enc(rgba,'PNG',icc_profile=P3),icc=P3)
put('p3-palette.png',enc(rgb.quantize(32),'PNG',icc_profile=P3),ref=to_srgb(rgb.quantize(32).convert('RGB'),P3))
put('p3.jpg',enc(rgb,'JPEG',quality=95,icc_profile=P3),icc=P3); put('p3.tif',enc(rgb,'TIFF',icc_profile=P3),icc=P3)
put('adobe-rgb.png',enc(rgb,'PNG',icc_profile=ADOBE),icc=ADOBE); put('srgb.png',enc(rgb,'PNG',icc_profile=SRGB),ref=rgb)
put('grey-profile.png',enc(grey,'PNG',icc_profile=GREY18),icc=GREY18)
plain=enc(rgb,'PNG')
put('broken-profile.png',with_chunks(plain,(b'iCCP',b'x\0\0'+zlib.compress(b'no profile'))),ref=rgb)
def lin(a,g): return (a/255.0)**(1/g)
def srgb(l): return np.where(l<=.0031308,12.92*l,1.055*np.maximum(l,1e-9)**(1/2.4)-.055)
put('gamma-1.0.png',with_chunks(plain,(b'gAMA',struct.pack('>I',100000))),ref=I.fromarray(np.round(255*srgb(base/255.0)).astype(np.uint8)))
put('gamma-0.45455.png',with_chunks(plain,(b'gAMA',struct.pack('>I',45455))),ref=rgb)
put('gamma-and-srgb.png',with_chunks(plain,(b'gAMA',struct.pack('>I',100000)),(b'sRGB',b'\0')),ref=rgb)
def dec(a): a=a/255.0; return np.where(a<=.04045,a/12.92,((a+.055)/1.055)**2.4)
M=np.array([[1.2249401762805598,-0.22494017628055995,0],[-0.042056954709688163,1.0420569547096881,0],[-0.019637554590334432,-0.078636045550631889,1.0982736001409663]])
p3ref=I.fromarray(np.round(255*srgb((dec(base)@M.T).clip(0,1))).astype(np.uint8))
put('cicp-p3.png',with_chunks(plain,(b'cICP',bytes([12,13,0,1]))),ref=p3ref)
put('chrm-p3.png',with_chunks(plain,(b'gAMA',struct.pack('>I',45455)),(b'cHRM',struct.pack('>8I',31270,32900,68000,32000,26500,69000,15000,6000))),ref=p3ref)
# PNG layouts
for n,im in dict(rgba=rgba,grey=grey,la=rgba.convert('LA'),palette=rgb.quantize(200),one=grey.convert('1')).items(): put(f'{n}.png',enc(im,'PNG'))
put('two-bits.png',enc(rgb.quantize(4),'PNG',bits=2)); put('palette-transparent.png',enc(rgb.quantize(16),'PNG',transparency=bytes([0,80,255,128]+[255]*12)))
t=tuple(int(v) for v in base[16,26]); flat=rgb.copy(); flat.paste(t,(25,15,40,28))
put('rgb-transparent.png',enc(flat,'PNG',transparency=t)); 
gf=grey.copy(); gf.paste(90,(3,3,20,20)); put('grey-transparent.png',enc(gf,'PNG',transparency=90))
put('interlaced.png',imagecodecs.png_encode(base),ref=rgb) if False else None
def raw_png(w,h,depth,ct,rows,interlace=0,extra=()):
    return b'\x89PNG\r\n\x1a\n'+chunk(b'IHDR',struct.pack('>IIBBBBB',w,h,depth,ct,0,0,interlace))+b''.join(chunk(a,b) for a,b in extra)+chunk(b'IDAT',zlib.compress(rows))+chunk(b'IEND',b'')
def adam7(a):
    out=b''
    for x0,y0,dx,dy in [(0,0,8,8),(4,0,8,8),(0,4,4,8),(2,0,4,4),(0,2,2,4),(1,0,2,2),(0,1,1,2)]:
        p=a[y0::dy,x0::dx]
        if p.size:
            for r in p: out+=b'\0'+r.tobytes()
    return out
put('interlaced.png',raw_png(W,H,8,2,adam7(base),1),ref=rgb); put('interlaced-grey.png',raw_png(W,H,8,0,adam7(np.asarray(grey)),1),ref=grey.convert('RGB'))
g16=(np.asarray(grey).astype(np.uint32)*257+rng.integers(-90,90,(H,W))).clip(0,65535).astype('>u2')
r8=lambda a:((a.astype(np.int64)*255+32767)//65535).astype(np.uint8)
rows=lambda a:b''.join(b'\0'+r.tobytes() for r in a)
put('grey-16.png',raw_png(W,H,16,0,rows(g16)),ref=I.fromarray(r8(g16)).convert('RGB'))
a16=(alpha.astype(np.uint32)*257).astype('>u2'); ga=np.dstack([g16,a16]).astype('>u2')
put('grey-alpha-16.png',raw_png(W,H,16,4,rows(ga)),ref=white(I.merge('LA',(I.fromarray(r8(g16)),I.fromarray(alpha)))))
c16=(base.astype(np.uint32)*257).astype('>u2'); put('rgb-16.png',raw_png(W,H,16,2,rows(c16)),ref=rgb)
put('rgba-16.png',raw_png(W,H,16,6,rows(np.dstack([c16,a16]))),ref=white(rgba)); put('interlaced-16.png',raw_png(W,H,16,2,adam7(c16),1),ref=rgb)
put('one-pixel.png',raw_png(1,1,8,2,b'\0\x01\x02\x03'),ref=I.new('RGB',(1,1),(1,2,3)))
# Orientation
ex=lambda o:(lambda e:(e.__setitem__(0x112,o),e)[1])(I.Exif())
for o in range(2,9):
    put(f'orientation-{o}.png',enc(rgb,'PNG',exif=ex(o))); put(f'orientation-{o}.webp',enc(rgb,'WEBP',lossless=True,exif=ex(o).tobytes()))
put('orientation-6.tif',enc(rgb,'TIFF',tiffinfo={274:6})); put('orientation-8.jpg',enc(rgb,'JPEG',quality=95,subsampling=0,exif=ex(8)))
# JPEG
jpg=enc(rgb,'JPEG',quality=90); put('plain.jpg',jpg); put('progressive.jpg',enc(rgb,'JPEG',quality=90,progressive=True)); put('grey.jpg',enc(grey,'JPEG',quality=90))
put('444.jpg',enc(rgb,'JPEG',quality=90,subsampling=0)); put('422.jpg',enc(rgb,'JPEG',quality=90,subsampling=1)); put('adobe-rgb-components.jpg',enc(rgb,'JPEG',quality=90,keep_rgb=True,subsampling=0))
put('restarts.jpg',enc(rgb,'JPEG',quality=90,restart_marker_blocks=2))
nojfif=lambda j:j[:2]+j[20:]
put('no-jfif-444.jpg',nojfif(enc(rgb,'JPEG',quality=90,subsampling=0))); put('no-jfif.jpg',nojfif(jpg))
put('cmyk.jpg',enc(rgb.convert('CMYK'),'JPEG',quality=95)); put('ycck.jpg',imagecodecs.jpeg8_encode(255-np.asarray(rgb.convert('CMYK')),level=95,colorspace='CMYK',outcolorspace='YCCK'))
ref=I.open(io.BytesIO(jpg)).convert('RGB')
mp4=struct.pack('>I',24)+b'ftypmp42\0\0\0\0mp42isom'+struct.pack('>I',5000)+b'mdat'+rng.bytes(4992)
put('trailer-zeros.jpg',jpg+b'\0'*3000,ref=ref); put('trailer-motion-photo.jpg',jpg+mp4,ref=ref)
put('trailer-samsung.jpg',jpg+b'\0\0\x01\x0a\x0e\0\0\0Image_UTC_Data1700000000000SEFHk\0\0\0\x01\0\0\0\0\0\x01\x0a'+b'\x17\0\0\0\x17\0\0\0'+b'\x24\0\0\0SEFT',ref=ref)
put('trailer-second-jpeg.jpg',jpg+enc(grey,'JPEG',quality=50),ref=ref); put('trailer-cut-jpeg.jpg',jpg+enc(grey,'JPEG',quality=50)[:500],ref=ref); put('trailer-scan-marker.jpg',jpg+b'\xff\xda\0\x0c\x03',ref=ref)
thumb=enc(rgb.resize((24,16)),'JPEG'); put('thumbnail-inside.jpg',jpg[:2]+b'\xff\xe1'+struct.pack('>H',len(thumb)+2+6)+b'thumb\0'+thumb+jpg[2:],ref=ref)
put('fill-bytes.jpg',jpg[:2]+b'\xff\xff\xff'+jpg[2:],ref=ref)
# GIF, BMP, TIFF
put('plain.gif',enc(rgb.quantize(64),'GIF')); put('transparent.gif',enc(rgb.quantize(16),'GIF',transparency=3))
for n,im in dict(rgb=rgb,grey=grey,palette=rgb.quantize(100),one=grey.convert('1')).items(): put(f'{n}.bmp',enc(im,'BMP'))
b=bytearray(enc(rgb,'BMP')); hh=struct.unpack('<i',b[22:26])[0]; b[22:26]=struct.pack('<i',-hh); put('top-down.bmp',bytes(b),ref=I.fromarray(base[::-1]))
for n,k in dict(none={},lzw=dict(compression='tiff_lzw'),deflate=dict(compression='tiff_adobe_deflate'),packbits=dict(compression='packbits')).items(): put(f'{n}.tif',enc(rgb,'TIFF',**k))
def tif(a,**k):
    b=io.BytesIO(); tifffile.imwrite(b,a,**k); return b.getvalue()
put('grey.tif',enc(grey,'TIFF')); put('cmyk.tif',enc(rgb.convert('CMYK'),'TIFF')); put('alpha.tif',enc(rgba,'TIFF')); put('palette.tif',enc(rgb.quantize(50),'TIFF'))
put('rgb-16.tif',tif(c16.astype('>u2'),photometric='rgb',byteorder='>'),ref=rgb); put('tiled.tif',tif(base,photometric='rgb',tile=(16,16)),ref=rgb)
put('planar.tif',tif(base.transpose(2,0,1).copy(),photometric='rgb',planarconfig='separate'),ref=rgb); put('white-is-zero.tif',tif(np.asarray(grey),photometric='miniswhite'),ref=I.fromarray(255-np.asarray(grey)).convert('RGB'))
put('predictor.tif',tif(base,photometric='rgb',compression='lzw',predictor=True),ref=rgb)
put('grey-16.tif',tif(g16.astype('<u2'),photometric='minisblack'),ref=I.fromarray(r8(g16)).convert('RGB'))
# What is refused; the name's first word is what the message must say
def bad(name,data): open(f'{OUT}/refused/{name}','wb').write(data)
os.makedirs(OUT+'/refused',exist_ok=True)
f2=rgb.rotate(180)
bad('frames.webp',enc(rgb,'WEBP',save_all=True,append_images=[f2])); bad('frames.png',enc(rgb,'PNG',save_all=True,append_images=[f2])); bad('frames.gif',enc(rgb.quantize(16),'GIF',save_all=True,append_images=[f2.quantize(16)]))
bad('pages.tif',enc(rgb,'TIFF',save_all=True,append_images=[f2]))
bad('8.jpg',imagecodecs.jpeg8_encode((base.astype(np.uint16)<<4),bitspersample=12)) 
bad('lossless.jpg',imagecodecs.ljpeg_encode(np.asarray(grey)) )
