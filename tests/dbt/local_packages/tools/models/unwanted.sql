select nothing from nowhere
