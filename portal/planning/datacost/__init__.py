"""What data for training costs: amounts of items, labels and storage, and how good the vote of annotators is."""
