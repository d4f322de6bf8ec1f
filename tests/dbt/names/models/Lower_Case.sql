select '{{ this.schema }}' as s, '{{ this.identifier }}' as i, '{{ this.database }}' as d, '{{ this.name }}' as n, '{{ this }}' as t
