"""Image classification: networks that name what a small image shows, on digits, your own images or CIFAR-10."""
