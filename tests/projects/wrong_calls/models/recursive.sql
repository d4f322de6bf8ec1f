select {{ again(1) }}
