#!/bin/sh
# A loss over learning rate and batch size that is known: a valley along lr = 0.02·(batch/16)^0.7, a cliff a factor of eight
# above it, 5 % noise by seed.
awk -v lr="$1" -v batch="$2" -v seed="$3" 'BEGIN {
    srand(seed * 7919 + int(lr * 1e6) + batch)
    rand()
    u = log(lr / (0.02 * exp(0.7 * log(batch / 16))))
    if (u > log(8)) { print "{\"step\": 1, \"loss\": \"nan\"}"; exit }
    v = log(batch / 64) / log(2)
    noise = 0
    for (i = 0; i < 12; i++) noise += rand()
    print "{\"step\": 1, \"loss\": " 0.1 * exp(0.12 * u * u + 0.02 * v * v + 0.05 * (noise - 6)) "}"
}'
