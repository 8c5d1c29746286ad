"""Who gets what when the company is sold: what the ``exit`` calculator asks for, computes and says."""
