export const HELP = `shvq: learned image codec with the same pixels on every engine

  shvq encode IN... OUT  [--quality N | --bytes N] [--effort N] [--profile NAME] [--metadata]
  shvq decode IN... OUT  [--scale 1/2 | 1/4 | 1/8]     writes PNG
  shvq info FILE...                                    what the header says
  shvq verify FILE...    [--expect SHA | --manifest F] decodes; SHA-256 of the RGBA pixels
  shvq compare A B                                     bpp of B, PSNR and MS-SSIM against A
  shvq weights ...                                     networks' weights: shvq weights --help

IN and FILE may be folders, which are searched whole; links in them are followed to files, not to
folders. With several inputs or a folder OUT is a folder, and the files in it are named after their
inputs. Sources of encode and compare are PNG, JPEG, WebP, AVIF, TIFF and GIF, read by the package
sharp (npm install sharp); the Exif orientation is applied.

  -q, --quality N    0..100, default 75
  -b, --bytes N      the best quality whose file has at most N bytes
  -e, --effort N     0..9, default 4: how long to search for a better file
  -p, --profile NAME trained model to encode with, default "default"
      --decoder F    .shvw file of a decoder model, in place of the shipped ones
      --encoder F    the encoder model that belongs to it, for encode
  -m, --metadata     keep ICC profile, Exif and XMP
      --build NAME   engine: simd, plain or reference; all give the same bits
  -s, --scale N      a smaller picture: 1/2, 1/4 or 1/8 of each side; for decode and verify
      --expect SHA   fail unless the one file's pixels have this SHA-256
      --manifest F   fail unless the files' pixels have the SHA-256 that F lists; F is made by
                     "shvq verify FILE... > F". Without FILE all that F lists are verified, with
                     paths from the current folder; with a folder, all that F lists of it
  -j, --jobs N       worker threads, default one for each core
      --json         one JSON object a file, one a line
      --quiet        nothing but errors
  -h, --help
      --version

Exit codes: 0 all well; 1 a file could not be read, decoded, encoded or written; 2 a mistake in the
command line; 3 pixels differ from --expect or --manifest; 130 and 143 interrupted.
An output appears whole or not at all, unless OUT is a pipe or a device.
`;
