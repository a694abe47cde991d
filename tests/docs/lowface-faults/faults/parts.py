from torch import nn


class Reads(nn.Module):
    """Reads a name that nobody supplies."""

    def forward(self, enhaced):
        return enhaced.mean()


class Raises(nn.Module):
    """Cannot be built."""

    def __init__(self, level: float = 0.5):
        super().__init__()
        self.level = 1 / (level - 0.5)

    def forward(self, enhanced):
        return enhanced.mean()


class Infinite(nn.Module):
    """Divides by zero."""

    def forward(self, enhanced):
        return enhanced.mean() / 0
